import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mona_json
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problem, Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data" / "fixtures" / "json"


def entry(name, value, *, computed=False, **more):
    return {"category": "none", "computed": computed, "hidden": False, "name": name, "value": value, **more}


RECORD = {
    "compound": [
        {
            "inchi": "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
            "inchiKey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "metaData": [
                entry("SMILES", "[H]OCC", computed=True),
                entry("SMILES", "CCO"),
                entry("pubchem cid", 702),
                entry("molecular formula", "C2H6O", computed=True),
            ],
            "names": [{"computed": True, "name": "systematic"}, {"computed": False, "name": "Ethanol"}],
        },
        {"inchiKey": "another", "metaData": [], "names": []},
    ],
    "id": "XY1",
    "metaData": [
        entry("accession", "XY000001"),
        entry("author", "A. Nobody, Made Lab"),
        entry("license", "CC BY"),
        entry("instrument", "Model 1"),
        entry("instrument type", "LC-ESI-QTOF"),
        entry("ms level", "MS2"),
        entry("ionization", "ESI"),
        entry("collision energy", 30, unit="eV"),
        entry("retention time", "4.5", unit="min"),
        entry("precursor m/z", 45.0346),
        entry("precursor type", "[M-H]-"),
        entry("ionization mode", "negative"),
    ],
    "spectrum": "27.0229:0.5 45.0346:1e2",
    "submitter": {"emailAddress": "a@b", "firstName": "Ada", "lastName": "Who", "institution": "Elsewhere"},
    "library": {"library": "massbank"},
}


def read_text(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode())
    problems = Problems()
    batches = list(mona_json.read(path, problems))
    assert all(batch.schema == RAW_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], problems.found


def stated(row):
    return {name: value for name, value in row.items() if value is not None}


def test_one_record(tmp_path):
    rows, problems = read_text(tmp_path, json.dumps([RECORD], indent=4))
    assert problems == []
    assert [stated(row) for row in rows] == [
        {
            "native_id": "XY1",
            "place": "record 1",
            "ms_level": 2,
            "precursor_mz": 45.0346,
            "ion_mode": "negative",
            "adduct": "[M-H]-",
            "collision_energy": "30 eV",
            "instrument": "Model 1",
            "instrument_type": "LC-ESI-QTOF",
            "retention_time_s": 270.0,
            "name": "Ethanol",
            "smiles": "CCO",
            "inchi": "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
            "inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "formula": "C2H6O",
            "pubchem_cid": 702,
            "contributor": "A. Nobody, Made Lab",
            "source_license": "CC BY",
            "mz": [27.0229, 45.0346],
            "intensity": [0.5, 100.0],
        }
    ]


@pytest.mark.parametrize(
    ("submitter", "contributor"),
    [
        (RECORD["submitter"], "Elsewhere"),
        ({"firstName": "Ada", "lastName": "Who", "institution": ""}, "Ada Who"),
        ({}, None),
        (None, None),
    ],
)
def test_the_submitter_stands_in_for_the_author(tmp_path, submitter, contributor):
    rows, _ = read_text(tmp_path, json.dumps([{"spectrum": "1:1", "submitter": submitter}]))
    assert rows[0]["contributor"] == contributor


@pytest.mark.parametrize("compound", [None, [], [None], [{"names": None, "metaData": None}]])
def test_a_record_without_structure(tmp_path, compound):
    rows, problems = read_text(tmp_path, json.dumps([{"id": 7, "compound": compound, "metaData": None, "spectrum": ""}]))
    assert problems == []
    assert stated(rows[0]) == {"native_id": "7", "place": "record 1", "mz": [], "intensity": []}


def test_broken_records_cost_only_themselves(tmp_path):
    items = [RECORD | {"spectrum": text} for text in ("1:2 3", "a:b", None, "1:2:3", "50:1")]
    rows, problems = read_text(tmp_path, json.dumps(items))
    assert [row["place"] for row in rows] == ["record 5"]
    assert problems == [
        Problem("record 1", "'spectrum' is no text of m/z:intensity pairs: '1:2 3'"),
        Problem("record 2", "'spectrum' is no text of m/z:intensity pairs: 'a:b'"),
        Problem("record 3", "'spectrum' is no text of m/z:intensity pairs: 'None'"),
        Problem("record 4", "'spectrum' is no text of m/z:intensity pairs: '1:2:3'"),
    ]


@pytest.mark.parametrize(
    ("spectrum", "time", "flags"), [("69,0447:120", None, ["retention_time_unreadable"]), ("69.0447:120", 75.0, None)]
)
def test_decimal_commas_of_the_peaks_make_points_unclear(tmp_path, spectrum, time, flags):
    about = [entry("precursor m/z", "281.201"), entry("retention time", "1.250")]
    rows, problems = read_text(tmp_path, json.dumps([{"id": "A", "metaData": about, "spectrum": spectrum}]))
    assert problems == []
    read = (rows[0]["precursor_mz"], rows[0]["retention_time_s"], rows[0]["mz"], rows[0]["flags"])
    assert read == (281.201, time, [69.0447], flags)


def test_a_document_without_spectra_is_unreadable(tmp_path):
    with pytest.raises(UnreadableFile, match="holds no spectrum"):
        read_text(tmp_path, "[]")


@settings(max_examples=60, deadline=None)
@given(
    spectra=st.lists(
        st.tuples(st.lists(st.tuples(st.floats(1, 3000), st.floats(0, 1e12)), max_size=12), st.floats(10, 3000)), min_size=1
    )
)
def test_round_trip(tmp_path_factory, spectra):
    items = [
        {"spectrum": " ".join(f"{mz!r}:{i!r}" for mz, i in peaks), "metaData": [entry("precursor m/z", precursor)]}
        for peaks, precursor in spectra
    ]
    rows, problems = read_text(tmp_path_factory.mktemp("mona"), json.dumps(items))
    assert problems == []
    assert [(list(zip(row["mz"], row["intensity"], strict=True)), row["precursor_mz"]) for row in rows] == spectra


def test_real_records_keep_every_field():
    path = DATA / "mona_curated_records.json"
    if not path.exists():
        pytest.skip("the shared test data are not on this machine")
    problems = Problems()
    rows = [row for batch in mona_json.read(path, problems) for row in batch.to_pylist()]
    items = json.loads(path.read_text())
    assert (len(rows), problems.found) == (len(items), [])
    named = {"license": "source_license", "precursor type": "adduct", "ionization mode": "ion_mode", "instrument": "instrument"}
    named |= {"collision energy": "collision_energy", "precursor m/z": "precursor_mz", "instrument type": "instrument_type"}
    for row, item in zip(rows, items, strict=True):
        metadata = {one["name"]: one["value"] for one in item["metaData"]}
        assert {name: row[column] for name, column in named.items()} == {name: metadata[name] for name in named}
        assert row["retention_time_s"] == pytest.approx(float(metadata["retention time"].removesuffix(" min")) * 60)
        assert row["inchikey"] == item["compound"][0]["inchiKey"]
        assert row["name"] == item["compound"][0]["names"][0]["name"]
        assert " ".join(f"{mz:g}" for mz in row["mz"]) == " ".join(
            f"{float(p.split(':')[0]):g}" for p in item["spectrum"].split()
        )
        assert None not in (row["pubchem_cid"], row["smiles"], row["formula"])
