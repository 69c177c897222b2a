import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matchms.importing import load_from_json

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import gnps_json
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problem, Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data" / "fixtures" / "json"

ANNOTATION = {
    "Compound_Name": "Made Up C",
    "Ion_Source": "LC-ESI",
    "Instrument": "qTof",
    "PI": "Smith",
    "Data_Collector": "Lee",
    "Adduct": "M+H",
    "Scan": "-1",
    "Precursor_MZ": "181.07",
    "ExactMass": "0.0",
    "Charge": "0",
    "Smiles": "CCO",
    "INCHI": "N/A",
    "INCHI_AUX": "N/A",
    "Ion_Mode": "Positive",
}
RECORD = {
    "spectrum_id": "CCMS1",
    "source_file": "b14.mgf",
    "ms_level": "2",
    "peaks_json": "[[50.5,10.0],[60.25,1000.0]]",
    **ANNOTATION,
    "SpectrumID": "CCMS1",
    "InChIKey_smiles": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
    "InChIKey_inchi": "",
    "Formula_smiles": "C2H6O",
    "annotation_history": [{"Compound_Name": "an older name"}],
}
EXPECTED = {
    "native_id": "CCMS1",
    "place": "record 1",
    "ms_level": 2,
    "precursor_mz": 181.07,
    "charge": 0,
    "ion_mode": "Positive",
    "adduct": "M+H",
    "instrument": "qTof",
    "instrument_type": "LC-ESI-qTof",
    "name": "Made Up C",
    "smiles": "CCO",
    "contributor": "Smith",
    "mz": [50.5, 60.25],
    "intensity": [10.0, 1000.0],
}
OF_A_LIBRARY = {"inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "formula": "C2H6O", "run": "b14.mgf"}


def read_text(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode())
    problems = Problems()
    batches = list(gnps_json.read(path, problems))
    assert all(batch.schema == RAW_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], problems.found


def stated(row):
    return {name: value for name, value in row.items() if value is not None}


def test_library(tmp_path):
    rows, problems = read_text(tmp_path, json.dumps([RECORD], indent=4))
    assert problems == []
    assert [stated(row) for row in rows] == [EXPECTED | OF_A_LIBRARY]


def test_one_spectrum_with_nested_annotations(tmp_path):
    answer = {
        "annotations": [ANNOTATION, {"Compound_Name": "an older name", "Smiles": "C"}],
        "spectruminfo": {"spectrum_id": "CCMS1", "ms_level": "2", "peaks_json": "[[50.5,10],[60.25,1e3]]"},
    }
    rows, problems = read_text(tmp_path, json.dumps(answer))
    assert problems == []
    assert [stated(row) for row in rows] == [EXPECTED]


def test_annotations_beside_the_peaks(tmp_path):
    item = {"spectrum_id": "CCMS1", "ms_level": 2, "peaks_json": [[50.5, 10], [60.25, 1e3]], "annotations": [ANNOTATION]}
    rows, _ = read_text(tmp_path, json.dumps([item]))
    assert stated(rows[0]) == EXPECTED


def test_matchms_export(tmp_path):
    item = {"compound_name": "x", "precursor_mz": 100.5, "charge": -1, "ionmode": "negative", "retention_time": 60.0}
    rows, _ = read_text(
        tmp_path, json.dumps([item | {"smiles": None, "peaks_json": [[1.5, 2.0]], "inchikey": "K", "scans": 4}])
    )
    assert stated(rows[0]) == {
        "native_id": "4",
        "place": "record 1",
        "precursor_mz": 100.5,
        "charge": -1,
        "ion_mode": "negative",
        "retention_time_s": 60.0,
        "retention_time_unitless": 60.0,
        "name": "x",
        "inchikey": "K",
        "mz": [1.5],
        "intensity": [2.0],
    }


def test_broken_records_cost_only_themselves(tmp_path):
    items = [RECORD | {"peaks_json": "[[1.0,"}, RECORD | {"peaks_json": [["a", 1]]}, {"no": "peaks"}, 5, RECORD]
    items += [RECORD | {"peaks_json": "null"}, RECORD | {"peaks_json": [[1.0]]}]
    rows, problems = read_text(tmp_path, json.dumps(items))
    assert [row["place"] for row in rows] == ["record 5"]
    assert problems == [
        Problem("record 1", "'peaks_json' is no list of [m/z, intensity]: '[[1.0,'"),
        Problem("record 2", "'peaks_json' is no list of [m/z, intensity]: \"[['a', 1]]\""),
        Problem("record 3", "'peaks_json' is no list of [m/z, intensity]: 'None'"),
        Problem("record 4", "is a JSON int, not an object"),
        Problem("record 6", "'peaks_json' is no list of [m/z, intensity]: 'null'"),
        Problem("record 7", "'peaks_json' is no list of [m/z, intensity]: '[[1.0]]'"),
    ]


def test_half_a_surrogate_pair_does_not_stop_the_import(tmp_path):
    rows, problems = read_text(tmp_path, '[{"peaks_json": [], "Compound_Name": "a\\ud800b"}]')
    assert (rows[0]["name"], problems) == ("a?b", [])


@pytest.mark.parametrize(
    ("peaks", "time", "flags"),
    [
        ([["69,0447", "120"]], None, ["retention_time_unreadable"]),
        ([["69.0447", "120"]], 1.25, None),
        ([[69.0447, 120]], 1.25, None),
    ],
)
def test_decimal_commas_of_the_peaks_make_points_unclear(tmp_path, peaks, time, flags):
    record = {"Precursor_MZ": "281.201", "retention_time": "1.250", "peaks_json": json.dumps(peaks)}
    rows, problems = read_text(tmp_path, json.dumps([record]))
    assert problems == []
    read = (rows[0]["precursor_mz"], rows[0]["retention_time_s"], rows[0]["mz"], rows[0]["flags"])
    assert read == (281.201, time, [69.0447], flags)


@pytest.mark.parametrize("text", ["", "[]", " [ ] "])
def test_a_document_without_spectra_is_unreadable(tmp_path, text):
    with pytest.raises(UnreadableFile, match="holds no spectrum"):
        read_text(tmp_path, text)


@settings(max_examples=60, deadline=None)
@given(
    spectra=st.lists(
        st.tuples(st.lists(st.tuples(st.floats(1, 3000), st.floats(0, 1e12)), max_size=12), st.floats(10, 3000)), min_size=1
    ),
    indent=st.sampled_from([None, 1]),
    as_text=st.booleans(),
)
def test_round_trip(tmp_path_factory, spectra, indent, as_text):
    items = [{"Precursor_MZ": mz, "peaks_json": json.dumps(peaks) if as_text else peaks} for peaks, mz in spectra]
    rows, problems = read_text(tmp_path_factory.mktemp("gnps"), json.dumps(items, indent=indent))
    assert problems == []
    assert [(list(zip(row["mz"], row["intensity"], strict=True)), row["precursor_mz"]) for row in rows] == spectra


@pytest.mark.parametrize("name", ["gnps_spectra.json", "gnps_faulknerlegacy.json"])
def test_same_spectra_as_matchms(name):
    path = DATA / name
    if not path.exists():
        pytest.skip("the shared test data are not on this machine")
    problems = Problems()
    ours = [row for batch in gnps_json.read(path, problems) for row in batch.to_pylist()]
    theirs = load_from_json(str(path))
    assert problems.found == []
    assert len(ours) == len(theirs) > 0
    for row, reference in zip(ours, theirs, strict=True):
        order = np.argsort(row["mz"], kind="stable")
        np.testing.assert_array_equal(np.asarray(row["mz"])[order], reference.peaks.mz)
        np.testing.assert_array_equal(np.asarray(row["intensity"])[order], reference.peaks.intensities)
        assert row["precursor_mz"] == reference.get("precursor_mz")
        assert row["native_id"] == reference.get("spectrum_id")
