"""refine: a library's refined vectors as a file, and the search that plain SQL makes of it."""

import json

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tiny_lab import build

from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoSpectra


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with build(tmp_path_factory.mktemp("refine")) as lab:
        yield lab


def test_a_plain_shell_finds_what_identify_finds(lab, tmp_path):
    """With nothing but DuckDB, the published file and the Parquet file."""
    settings = {"strength": "50", "neighbours": 3}
    report = lab.refine("reference", tmp_path / "refined.parquet", ppm=5.0, settings=settings)
    assert (report.n_refined, report.n_unknown, report.n_without_vector, report.dimension) == (9, 0, 0, 512)
    search = lab.identify("kitchen", "reference", method="refined", ppm=5.0, settings={**settings, "spectra": 1})
    columns = "query_id, rank, analyte_id, library_spectrum_id, n_candidate_analytes"
    expected = lab.sql(f"SELECT {columns}, score FROM hits WHERE search_id = $s ORDER BY 1, 2", {"s": search.search_id})
    con = duckdb.connect()
    con.execute(f"ATTACH '{lab.published}' AS lab (READ_ONLY); USE lab")
    con.execute(
        "CREATE TEMP VIEW refined AS SELECT * REPLACE (embedding::FLOAT[512] AS embedding) "
        f"FROM '{tmp_path / 'refined.parquet'}'"
    )
    found = con.sql(
        "SELECT query_id, rank, analyte_id, library_id, n_candidate_analytes, score "
        "FROM rank_analytes('vectors.kitchen__binned', 'refined', ppm := 5) ORDER BY 1, 2"
    )
    found, expected = found.fetchall(), expected.fetchall()
    assert len(found) == 9
    assert [row[:-1] for row in found] == [row[:-1] for row in expected]
    np.testing.assert_allclose([row[-1] for row in found], [row[-1] for row in expected], atol=1e-6)
    plain = con.sql("FROM rank_analytes('vectors.kitchen__binned', 'vectors.reference__binned', ppm := 5) ORDER BY 1, 2")
    assert max(abs(left[-1] - right[5]) for left, right in zip(found, plain.fetchall(), strict=True)) > 0.01


def test_the_file(lab, tmp_path):
    file = tmp_path / "refined.parquet"
    file.write_text("an older one")
    lab.refine("reference", file)
    table = pq.read_table(file)
    assert table.column_names == [*("id", "analyte_id", "precursor_mz", "ion_mode", "contributor", "peaks_hash", "embedding")]
    order = list(zip(table["ion_mode"].to_pylist(), table["precursor_mz"].to_pylist(), strict=True))
    assert order == sorted(order)
    lengths = np.linalg.norm(np.stack(table["embedding"].to_numpy()), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["refined.parquet"]


@pytest.mark.parametrize(
    ("library", "name", "options", "error", "message"),
    [
        ("reference", "refined.csv", {}, BadParameter, "vectors are written to Parquet"),
        ("reference", "r.parquet", {"ppm": 0}, BadParameter, "ppm is 0: it must be a number above 0"),
        ("reference", "r.parquet", {"settings": {"spectra": 8}}, BadParameter, "refining has no setting 'spectra'; it has: n"),
        ("attic", "r.parquet", {}, NoCollection, "no library or study 'attic'"),
    ],
)
def test_what_cannot_be_written(lab, tmp_path, library, name, options, error, message):
    with pytest.raises(error, match=message):
        lab.refine(library, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_spectra_of_unknown_analytes(lab, tmp_path):
    (tmp_path / "one.csv").write_text("one\n1\n")
    spectrum = (
        "SELECT 'u' AS native_id, 200.0 AS precursor_mz, 'positive' AS ion_mode, [50.0, 60.0] AS mz, [1.0, 2.0] AS intensity"
    )
    lab.import_study("unknown", tmp_path / "one.csv", select=f"SELECT made.* FROM ({spectrum}) AS made, '{{file}}'")
    lab.embed("binned")
    with pytest.raises(NoSpectra, match="none of the 1 spectra of unknown carries an annotation"):
        lab.refine("unknown", tmp_path / "r.parquet")


def test_the_verb(lab, tmp_path):
    called = ["refine", str(lab.path), "reference", str(tmp_path / "r.parquet"), "--setting", "neighbours=0"]
    said = CliRunner().invoke(main, called)
    assert said.exit_code == 0, said.stderr
    assert said.stdout.splitlines() == [
        "reference: 9 vectors by binned refined, passed over: 0 without a known analyte, 0 without a vector",
        f"  written to {tmp_path / 'r.parquet'}; in SQL: embedding::FLOAT[512]",
    ]
    told = json.loads(CliRunner().invoke(main, [*called, "--json"]).stdout)
    assert (told["n_refined"], told["model"]) == (9, "binned")
    assert CliRunner().invoke(main, [*called, "-q"]).stdout == ""
