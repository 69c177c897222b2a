from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import massbank
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problem, Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data" / "massbank"

RECORD = """ACCESSION: MSBNK-Made_Lab-XY000001
RECORD_TITLE: Ethanol; LC-ESI-QTOF; MS2; CE: 20 eV; R=35000; [M-H]-
DATE: 2020.01.01
AUTHORS: A. Nobody, Made Lab
LICENSE: CC0
COMMENT: CONFIDENCE standard compound
CH$NAME: Ethanol
CH$NAME: Ethyl alcohol
CH$FORMULA: C2H6O
CH$EXACT_MASS: 46.0419
CH$SMILES: CCO
CH$IUPAC: InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3
CH$LINK: CAS 64-17-5
CH$LINK: INCHIKEY LFQSCWFLJHTTHZ-UHFFFAOYSA-N
CH$LINK: PUBCHEM SID: 11916 CID:702
AC$INSTRUMENT: Maker: Model 1
AC$INSTRUMENT_TYPE: LC-ESI-QTOF
AC$MASS_SPECTROMETRY: MS_TYPE MS2
AC$MASS_SPECTROMETRY: ION_MODE NEGATIVE
AC$MASS_SPECTROMETRY: COLLISION_ENERGY Ramp 20.3-30.5 eV
AC$CHROMATOGRAPHY: RETENTION_TIME 4.5 min
MS$FOCUSED_ION: BASE_PEAK 45.1
MS$FOCUSED_ION: PRECURSOR_M/Z 45.0346
MS$FOCUSED_ION: PRECURSOR_TYPE [M-H]-
PK$SPLASH: splash10-0
PK$ANNOTATION: m/z tentative_formula
  27.0229 C2H3- 1 27.0240 -4.46
PK$NUM_PEAK: 2
PK$PEAK: m/z int. rel.int.
  27.0229 812 7
  45.0346 1.5e4 999
//
"""


def read_text(tmp_path, text):
    path = tmp_path / "x.txt"
    path.write_bytes(text.encode())
    problems = Problems()
    batches = list(massbank.read(path, problems))
    assert all(batch.schema == RAW_SCHEMA for batch in batches)
    return [row for batch in batches for row in batch.to_pylist()], problems.found


def stated(row):
    return {name: value for name, value in row.items() if value is not None}


def without(*tags):
    return "".join(line for line in RECORD.splitlines(keepends=True) if not line.startswith(tags))


def test_one_record(tmp_path):
    rows, problems = read_text(tmp_path, RECORD)
    assert problems == []
    assert [stated(row) for row in rows] == [
        {
            "native_id": "MSBNK-Made_Lab-XY000001",
            "place": "line 1",
            "ms_level": 2,
            "precursor_mz": 45.0346,
            "ion_mode": "NEGATIVE",
            "adduct": "[M-H]-",
            "collision_energy": "Ramp 20.3-30.5 eV",
            "instrument": "Maker: Model 1",
            "instrument_type": "LC-ESI-QTOF",
            "retention_time_s": 270.0,
            "name": "Ethanol",
            "smiles": "CCO",
            "inchi": "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3",
            "inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
            "formula": "C2H6O",
            "pubchem_cid": 702,
            "contributor": "Made_Lab",
            "source_license": "CC0",
            "mz": [27.0229, 45.0346],
            "intensity": [812.0, 15000.0],
        }
    ]


def test_several_records_in_one_file(tmp_path):
    second = RECORD.replace("XY000001", "XY000002").replace("\n", "\r\n")
    rows, problems = read_text(tmp_path, f"{RECORD}\n{second}")
    assert problems == []
    assert [(row["native_id"][-1], row["place"], len(row["mz"])) for row in rows] == [("1", "line 1", 2), ("2", "line 34", 2)]


@pytest.mark.parametrize(("level", "expected"), [("MS", 1), ("MS2", 2), ("MS3", 3), ("MS4", 4), ("MSn", None)])
def test_ms_type(tmp_path, level, expected):
    rows, _ = read_text(tmp_path, RECORD.replace("MS_TYPE MS2", f"MS_TYPE {level}"))
    assert rows[0]["ms_level"] == expected


def test_deprecated_records_are_flagged_whatever_is_left_of_them(tmp_path):
    rows, problems = read_text(
        tmp_path,
        "ACCESSION: MSBNK-X-1\nDEPRECATED: 2019-11-25 Wrong structure\n//\n"
        + RECORD.replace("\n", "\nDEPRECATED: 2020-01-01 duplicate\n", 1),
    )
    assert problems == []
    assert [row["flags"] for row in rows] == [["deprecated_record"]] * 2


def test_decimal_commas_and_charges(tmp_path):
    record = (
        "ACCESSION: MSBNK-X-1\nAC$MASS_SPECTROMETRY: ION_MODE NEGATIVE\nAC$MASS_SPECTROMETRY: CHARGE +1\n"
        "AC$CHROMATOGRAPHY: RETENTION_TIME 4,5\nMS$FOCUSED_ION: PRECURSOR_M/Z 195,0877\nPK$NUM_PEAK: 1\n"
        "PK$PEAK: m/z int. rel.int.\n  69,0447 1,250 999\n//\n"
    )
    rows, problems = read_text(tmp_path, record)
    assert problems == []
    names = ("precursor_mz", "retention_time_s", "retention_time_unitless", "charge", "flags", "mz", "intensity")
    assert [rows[0][name] for name in names] == [195.0877, 270.0, 4.5, 1, ["charge_contradicts_ion_mode"], [69.0447], [1.25]]
    rows, _ = read_text(tmp_path, record.replace("195,0877", "195.088").replace("4,5", "1.250"))
    flags = ["retention_time_unreadable", "charge_contradicts_ion_mode"]
    assert [rows[0][name] for name in ("precursor_mz", "retention_time_s", "flags")] == [195.088, None, flags]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("4.0 min", 240),
        ("240 s", 240),
        ("797.4 sec", 797.4),
        ("4.0", 240),
        ("N/A", None),
        ("0.5-1.5 min", 60),
        ("19.28 min (in paper: 19.5 min)", 1156.8),
        ("244 sec (MSMS)", 244),
    ],
)
def test_retention_time(tmp_path, time, expected):
    rows, _ = read_text(tmp_path, RECORD.replace("RETENTION_TIME 4.5 min", f"RETENTION_TIME {time}"))
    assert rows[0]["retention_time_s"] == pytest.approx(expected)


def test_what_a_record_does_not_state_is_null(tmp_path):
    text = without("CH$", "AC$", "MS$").replace("MSBNK-Made_Lab-XY000001", "XY000001")
    rows, problems = read_text(tmp_path, text)
    assert problems == []
    assert stated(rows[0]) == {
        "native_id": "XY000001",
        "place": "line 1",
        "contributor": "A. Nobody, Made Lab",
        "source_license": "CC0",
        "mz": [27.0229, 45.0346],
        "intensity": [812.0, 15000.0],
    }


def test_isolation_sequence_and_data_format(tmp_path):
    text = RECORD.replace("PRECURSOR_M/Z 45.0346", "PRECURSOR_M/Z 764.5/690.5").replace(
        "AC$CHROMATOGRAPHY", "AC$MASS_SPECTROMETRY: DATAFORMAT Centroid\nAC$CHROMATOGRAPHY"
    )
    rows, _ = read_text(tmp_path, text)
    assert (rows[0]["precursor_mz"], rows[0]["is_profile"]) == (690.5, False)


def test_broken_records_cost_only_themselves(tmp_path):
    rubbish = RECORD.replace("  27.0229 812 7", "  27.0229 many 7")
    short = RECORD.replace("  27.0229 812 7\n", "")
    unclosed = RECORD.replace("//\n", "")
    rows, problems = read_text(tmp_path, rubbish + short + unclosed + RECORD + unclosed)
    assert [row["place"] for row in rows] == ["line 95"]
    assert problems == [
        Problem("line 1", "'27.0229 many 7' is no peak (m/z, intensity)"),
        Problem("line 33", "the record states 2 peaks and holds 1"),
        Problem("line 64", "the record has no closing '//' before the ACCESSION in line 95"),
        Problem("line 127", "the file ends before the closing '//' of the record"),
    ]


def test_a_file_without_records_is_unreadable(tmp_path):
    with pytest.raises(UnreadableFile, match="holds no spectrum"):
        read_text(tmp_path, "a text about something else\n")


@settings(max_examples=60, deadline=None)
@given(
    records=st.lists(
        st.tuples(st.lists(st.tuples(st.floats(1, 3000), st.floats(0, 1e12)), max_size=12), st.floats(10, 3000)), min_size=1
    )
)
def test_round_trip(tmp_path_factory, records):
    text = "".join(
        f"ACCESSION: MSBNK-Lab-{i}\nMS$FOCUSED_ION: PRECURSOR_M/Z {precursor!r}\nPK$NUM_PEAK: {len(peaks)}\n"
        "PK$PEAK: m/z int. rel.int.\n" + "".join(f"  {mz!r} {intensity!r} 1\n" for mz, intensity in peaks) + "//\n"
        for i, (peaks, precursor) in enumerate(records)
    )
    rows, problems = read_text(tmp_path_factory.mktemp("massbank"), text)
    assert problems == []
    assert [(list(zip(row["mz"], row["intensity"], strict=True)), row["precursor_mz"]) for row in rows] == records


def test_records_agree_with_the_table_of_the_release(tmp_path):
    files = sorted((DATA / "records").glob("*.txt")) if DATA.exists() else []
    if not files:
        pytest.skip("the shared test data are not on this machine")
    problems = Problems()
    rows = [row for file in files for batch in massbank.read(file, problems) for row in batch.to_pylist()]
    assert (len(rows), problems.found) == (len(files), [])
    table = duckdb.from_parquet(str(DATA / "massbank_2025.05.1.parquet"))
    columns = ["accession", "contributor", "name", "formula", "smiles", "inchi", "inchikey", "pubchem_cid", "instrument"]
    columns += ["instrument_type", "ion_mode", "adduct", "collision_energy", "precursor_mz", "license", "mz", "intensity"]
    accessions = ", ".join(f"'{row['native_id']}'" for row in rows)
    expected = {
        found[0]: found for found in table.filter(f"accession IN ({accessions})").project(", ".join(columns)).fetchall()
    }
    ours = ["native_id", *columns[1:14], "source_license", "mz", "intensity"]
    assert len(expected) > 0
    for row in rows:
        if row["native_id"] in expected:
            values = [value.strip() if isinstance(value, str) else value for value in expected[row["native_id"]]]
            known = [None if value == "N/A" else value for value in values]
            assert dict(zip(ours, known, strict=True)) == {name: row[name] for name in ours}
