from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.readers.raw import RAW_SCHEMA
from spectradb.ingest.spectra.naming import named, run_name, run_names


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("a.mzML", "a"),
        ("a.MZML.GZ", "a"),
        ("dir/a.raw", "a"),
        ("C:\\data\\a.raw", "a"),
        ("a.raw.mzML", "a"),
        ("a.b.mgf", "a.b"),
        ("a.txt", "a.txt"),
        (".mgf", ".mgf"),
        ("", ""),
    ],
)
def test_run_name(file_name, name):
    assert run_name(file_name) == name


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["/d/a.mgf", "/d/b.mgf"], ["a", "b"]),
        (["/d/a.mgf", "/e/a.mgf", "/e/b.mgf"], ["d/a", "e/a", "b"]),
        (["/d/a.mgf", "/d/a.mzML", "/e/b.mgf"], ["a.mgf", "a.mzML", "b"]),
        (["/x/d/a.mgf", "/y/d/a.mgf", "/e/a.mgf"], ["x/d/a", "y/d/a", "e/a"]),
        (["/d/a.mgf", "/d/a.mgf"], ["a", "a"]),
        ([], []),
    ],
)
def test_run_names(files, names):
    assert run_names([Path(file) for file in files]) == names


NAMES = st.sampled_from(["a", "a.mgf", "a.mzML", "a.mgf.gz", "b.raw", "b"])


@given(st.lists(st.tuples(st.lists(st.sampled_from("de"), max_size=3), NAMES), max_size=8))
def test_run_names_tell_files_apart(parts):
    files = [Path("/", *folders, name) for folders, name in parts]
    names = run_names(files)
    assert len(set(names)) == len(set(files))
    assert len({(file, name) for file, name in zip(files, names, strict=True)}) == len(set(files))


def batch(**columns):
    n = len(next(iter(columns.values())))
    arrays = [pa.array(columns.get(field.name, [None] * n), field.type) for field in RAW_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=RAW_SCHEMA)


def test_a_library_names_the_nameless_by_file_and_place():
    given_batch = batch(native_id=["A", None, "row 3"], place=["line 1", "line 7", "row 3"], run=[None, "x.raw", "x.raw"])
    result = named(given_batch, Path("d/part.msp"), "library")
    assert result.schema == RAW_SCHEMA
    assert result.column("native_id").to_pylist() == ["A", "part line 7", "part row 3"]
    assert result.column("run").to_pylist() == [None, "x.raw", "x.raw"]


def test_a_study_names_runs_without_suffix():
    given_batch = batch(native_id=["A", None, "C"], place=["line 1", "line 7", "line 9"], run=[None, "x.raw", "y.mzML.gz"])
    result = named(given_batch, Path("d/part.mgf"), "study")
    assert result.schema == RAW_SCHEMA
    assert result.column("native_id").to_pylist() == ["A", None, "C"]
    assert result.column("run").to_pylist() == [None, "x", "y"]


@pytest.mark.parametrize("kind", ["library", "study"])
def test_a_name_is_an_identifier_before_a_place_is(kind):
    names = ["Caffeine", "Unknown (7.19_601.52m/z)", "Caffeine", "unknown", " ", None]
    given_batch = batch(
        native_id=["A", None, "row 3", None, None, None],
        place=[f"row {i}" for i in range(1, 7)],
        name=names,
    )
    result = named(given_batch, Path("d/part.msp"), kind).column("native_id").to_pylist()
    assert result[:3] == ["A", "Unknown (7.19_601.52m/z)", "Caffeine"]
    assert result[3:] == ([f"part row {i}" for i in (4, 5, 6)] if kind == "library" else [None, None, None])
