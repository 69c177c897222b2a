import gzip
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matchms.importing import load_from_mzml
from mzml_text import INSTRUMENTS, MS2, document, read, spectrum
from psims.mzml import MzMLWriter

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mzml
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems
from spectradb.ingest.readers.xml_source import drop_previous, elements

FIXTURES = Path(__file__).parents[4] / "shared" / "data" / "fixtures"

# MS1 spectra and MS2 or higher spectra of each file.
COUNTS = {
    "negative_glucolesquerellin.mzML": (0, 60),
    "numpress_a.mzML": (4, 6),
    "numpress_b.mzML": (4, 6),
    "numpress_c.mzML": (50, 50),
    "openms_assay_generator_metabo.mzML": (46, 213),
    "sciex_no_mz_range_cv.mzML": (1, 1),
    "small_profile_centroid.mzML.gz": (14, 34),
    "testdata.mzml": (2, 10),
    "thermo_dda_gnps_export_1.mzML": (106, 319),
    "three_test_scans.mzML": (1, 2),
    "waters_centroid_no_index.mzML": (51, 49),
    "waters_centroid_uncompressed.mzML": (51, 49),
}


def fixture(*parts):
    path = FIXTURES.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_truncated_file(tmp_path, kept):
    text = document(*(spectrum(MS2, number=n) for n in range(1, 101)))
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, text[: int(len(text) * kept)])
    assert caught.value.path == str(tmp_path / "run.mzML")
    assert caught.value.reason.startswith("the XML breaks off or is malformed")
    assert "msconvert" in caught.value.remedy
    match = re.fullmatch(r"after spectrum (\d+) \(scan=(\d+)\)", caught.value.place)
    assert match is not None
    assert match[1] == match[2]
    assert 100 * kept - 5 <= int(match[1]) <= 100 * kept


TEXT = document(spectrum(MS2), header=INSTRUMENTS)


@given(st.integers(min_value=0, max_value=len(TEXT) - 1))
def test_every_prefix_is_unreadable(tmp_path_factory, length):
    with pytest.raises(UnreadableFile):
        read(tmp_path_factory.mktemp("cut"), TEXT[:length])


def test_gzip_is_told_by_content(tmp_path):
    path = tmp_path / "run.mzML"
    packed = gzip.compress(document(*(spectrum(MS2, number=n) for n in range(1, 51))).encode())
    path.write_bytes(packed)
    rows, problems = read(path)
    assert problems == []
    assert len(rows) == 50
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UnreadableFile, match=r"run\.mzML, .*: the gzip stream breaks off"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the file is empty"), ("<html><body/></html>", "<html> is not mzML"), ("@#!", "the XML breaks off or is malformed")],
)
def test_other_files(tmp_path, text, message):
    with pytest.raises(UnreadableFile, match=message):
        read(tmp_path, text)


def test_absent_file(tmp_path):
    with pytest.raises(
        UnreadableFile, match=r"none\.mzML, before the first spectrum: No such file or directory\. Check the path"
    ):
        read(tmp_path / "none.mzML")


def test_signs_of_cutting_are_noted(tmp_path):
    _, problems = read(tmp_path, document(spectrum(MS2), count=7))
    assert problems == [("end of file", "the file announces 7 spectra and holds 1: it may have been cut")]
    text = document(spectrum(MS2), tail="<!-- <indexListOffset>2582386</indexListOffset> -->")
    _, problems = read(tmp_path, text)
    assert problems == [
        (
            "end of file",
            f"the index is said to lie at byte 2582386 of a file of {len(text)} bytes: spectra may have been cut out",
        )
    ]


def test_batches(tmp_path):
    path = tmp_path / "run.mzML"
    path.write_text(document(*(spectrum(MS2, number=n) for n in range(1, 2101))))
    found = list(mzml.read(path, Problems()))
    assert [batch.num_rows for batch in found] == [2048, 52]
    assert found[1].schema == RAW_SCHEMA
    assert found[1]["place"][0].as_py() == "spectrum 2049"


def test_read_spectra_do_not_stay_in_memory(tmp_path):
    path = tmp_path / "run.mzML"
    path.write_text(document(*(spectrum(MS2, number=n) for n in range(1, 101))))
    siblings = []
    with path.open("rb") as file:
        for event, element in elements(file):
            if event == "end" and element.tag.endswith("}spectrum"):
                drop_previous(element)
                siblings.append(len(element.getparent()))
    # The parser may be ahead by what one of its reads holds.
    assert len(siblings) == 100
    assert siblings[-1] == 1


def test_no_vocabulary_is_fetched(tmp_path, monkeypatch):
    def fetched():
        raise AssertionError("the PSI-MS vocabulary was loaded")

    monkeypatch.setattr("pyteomics.xml.load_psims", fetched)
    assert len(read(tmp_path, document(spectrum(MS2)))[0]) == 1


@pytest.mark.parametrize("name", COUNTS)
def test_same_as_matchms(name, tmp_path):
    path = fixture("mzml", name)
    if name.startswith("numpress"):
        pytest.importorskip("pynumpress", reason="matchms needs pynumpress for this file")
    rows, problems = read(path)
    levels = Counter(row["ms_level"] for row in rows)
    assert (levels[1], len(rows) - levels[1]) == COUNTS[name]
    cut = ("end of file", "the file announces 8761 spectra and holds 12: it may have been cut")
    assert problems == ([cut] if name == "testdata.mzml" else [])
    if path.suffix == ".gz":  # matchms reads plain files only
        plain = tmp_path / path.stem
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        path = plain
    expected = list(load_from_mzml(str(path), metadata_harmonization=False))
    ours = [row for row in rows if row["ms_level"] == 2]
    assert len(ours) == len(expected)
    for row, spectrum_ in zip(ours, expected, strict=True):
        stated = spectrum_.get("precursor_mz")
        if stated is not None:
            assert row["precursor_mz"] == stated
        assert row["charge"] == spectrum_.get("charge")
        peaks = sorted(zip(row["mz"], row["intensity"], strict=True))
        theirs = sorted(zip(spectrum_.peaks.mz.tolist(), spectrum_.peaks.intensities.tolist(), strict=True))
        if name.startswith("numpress"):  # exp and expm1 differ in the last digits
            np.testing.assert_allclose(peaks, theirs, rtol=1e-9)
        else:
            assert peaks == theirs


def test_broken_fixtures():
    with pytest.raises(UnreadableFile, match="before the first spectrum: the file is empty"):
        read(fixture("broken", "empty.mzML"))
    # These are well-formed: what was cut out shows in their counts and indexes only.
    rows, problems = read(fixture("broken", "truncated_a.mzML"))
    assert len(rows) == 5
    assert problems == [("end of file", "the file announces 583 spectra and holds 5: it may have been cut")]
    rows, problems = read(fixture("broken", "truncated_b.mzML"))
    assert len(rows) == 6
    assert problems[0][1].startswith("the index is said to lie at byte 5098921 of a file of 719549 bytes")
    # The damage is within the arrays of an MS1 spectrum, which are not decoded.
    rows, problems = read(fixture("broken", "corrupt.mzML"))
    assert [row["ms_level"] for row in rows] == [1]
    assert problems == [("end of file", "the file announces 10 spectra and holds 1: it may have been cut")]


@pytest.mark.parametrize("name", ["thermo_dda_gnps_export_1.mzML", "waters_centroid_no_index.mzML"])
def test_fixture_cut_in_half(name, tmp_path):
    content = fixture("mzml", name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile, match=r"after spectrum \d+ \(.*scan=\d+\): the XML breaks off"):
        read(path)


def test_a_chain_of_isolations_written_by_psims(tmp_path):
    first = {"mz": 764.4, "charge": 1, "spectrum_reference": "scan=1", "isolation_window": [1.0, 764.4, 1.0]}
    second = {"mz": 310.2, "charge": 1, "spectrum_reference": "scan=2", "isolation_window": [0.5, 310.2, 0.5]}
    first |= {"activation": ["CID", {"collision energy": 30}]}
    second |= {"activation": ["CID", {"collision energy": 45}]}
    path = tmp_path / "written.mzML"
    with path.open("wb") as file, MzMLWriter(file, close=False) as writer:
        writer.controlled_vocabularies()
        writer.file_description(["MSn spectrum"])
        writer.software_list([{"id": "s", "version": "0"}])
        writer.instrument_configuration_list([writer.InstrumentConfiguration(id="IC1", component_list=[])])
        writer.data_processing_list([{"id": "DP1", "processing_methods": []}])
        with (
            writer.run(id="r", instrument_configuration="IC1", start_time="2020-03-01T10:30:00Z"),
            writer.spectrum_list(count=3),
        ):
            for level, precursors in ((1, None), (2, first), (3, [first, second])):
                writer.write_spectrum(
                    np.array([100.0, 200.0]),
                    np.array([1.0, 2.0]),
                    id=f"scan={level}",
                    precursor_information=precursors,
                    params=[{"ms level": level}],
                    polarity=1,
                )
    rows, problems = read(path)
    assert problems == []
    assert [(row["precursor_mz"], row["collision_energy"], row["flags"]) for row in rows] == [
        (None, None, None),
        (764.4, "30 eV", None),
        (310.2, "45 eV", None),
    ]
    assert {str(row["run_started"]) for row in rows} == {"2020-03-01 10:30:00"}
