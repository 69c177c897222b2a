import base64
import gzip
import struct
import zlib
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from matchms.importing import load_from_mzxml

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mzxml
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems

FIXTURES = Path(__file__).parents[4] / "shared" / "data" / "fixtures" / "mzxml"


def peaks(*values, kind="f", attributes='byteOrder="network" contentType="m/z-int"', packed=None):
    packed = struct.pack(f">{len(values)}{kind}", *values) if packed is None else packed
    text = packed if isinstance(packed, str) else base64.b64encode(packed).decode()
    return f'<peaks precision="{32 if kind == "f" else 64}" {attributes}>{text}</peaks>'


TWO = peaks(50.5, 3, 101.25, 4)


def scan(number, *content, level=2, attributes=""):
    return f'<scan num="{number}" msLevel="{level}" peaksCount="2" {attributes}>{"".join(content)}</scan>'


def document(*scans, header="", count=None):
    count = len(scans) if count is None else count
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<mzXML xmlns="http://sashimi.sourceforge.net/schema_revision/mzXML_3.2">'
        f'<msRun scanCount="{count}">{header}{"".join(scans)}</msRun></mzXML>'
    )


def read(path, text=None):
    if text is not None:
        path = path / "run.mzXML"
        path.write_text(text)
    problems = Problems()
    rows = pa.Table.from_batches(mzxml.read(path, problems), schema=RAW_SCHEMA).to_pylist()
    return rows, [(problem.place, problem.reason) for problem in problems.found]


HEADER = (
    '<msInstrument><msManufacturer category="msManufacturer" value="Thermo"/><msModel category="msModel" value="LTQ"/>'
    '</msInstrument><dataProcessing centroided="1"/>'
)


def test_all_fields(tmp_path):
    ion = '<precursorMz precursorIntensity="848424" precursorCharge="2">343.0672</precursorMz>'
    attributes = 'polarity="-" retentionTime="PT90.5S" collisionEnergy="35"'
    rows, problems = read(tmp_path, document(scan(7, ion, TWO, attributes=attributes), header=HEADER))
    assert problems == []
    assert rows == [
        dict.fromkeys(RAW_SCHEMA.names)
        | {
            "native_id": "7",
            "place": "scan 7",
            "ms_level": 2,
            "is_profile": False,
            "precursor_mz": 343.0672,
            "precursor_intensity": 848424.0,
            "charge": 2,
            "ion_mode": "negative",
            "collision_energy": "35",
            "instrument": "LTQ",
            "retention_time_s": 90.5,
            "mz": [50.5, 101.25],
            "intensity": [3.0, 4.0],
        }
    ]


FIRST = '<precursorMz precursorScanNum="1" windowWideness="2">764.4</precursorMz>'
SECOND = '<precursorMz precursorScanNum="2" windowWideness="1">310.2</precursorMz>'


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_of_an_ms3_scan_the_precursor_from_the_ms2_scan(tmp_path, turned, nested):
    third = scan(3, *((SECOND, FIRST) if turned else (FIRST, SECOND)), TWO, level=3)
    if nested:
        scans = (scan(1, TWO, scan(2, FIRST, TWO, third), level=1),)
    else:
        scans = (scan(1, TWO, level=1), scan(2, FIRST, TWO), third)
    rows, problems = read(tmp_path, document(*scans, count=3))
    assert problems == []
    found = {row["native_id"]: row for row in rows}
    assert (found["2"]["precursor_mz"], found["3"]["precursor_mz"], found["3"]["flags"]) == (764.4, 310.2, None)
    assert (found["3"]["isolation_window_lower"], found["3"]["isolation_window_upper"]) == (309.7, 310.7)


def test_ms3_precursors_of_unknown_level_and_several_of_ms2_are_none(tmp_path):
    two = "<precursorMz>764.4</precursorMz><precursorMz>310.2</precursorMz>"
    rows, _ = read(tmp_path, document(scan(1, two, TWO), scan(2, two, TWO, level=3)))
    assert [row["precursor_mz"] for row in rows] == [None, None]
    assert [row["flags"] for row in rows] == [["several_precursors"], ["precursor_level_unknown"]]


def test_missing_attributes_are_null(tmp_path):
    rows, problems = read(tmp_path, document(scan(7, "<precursorMz>343.0672</precursorMz>", TWO)))
    assert problems == []
    assert rows == [
        dict.fromkeys(RAW_SCHEMA.names)
        | {
            "native_id": "7",
            "place": "scan 7",
            "ms_level": 2,
            "precursor_mz": 343.0672,
            "mz": [50.5, 101.25],
            "intensity": [3.0, 4.0],
        }
    ]


def test_compensation_voltages(tmp_path):
    rows, _ = read(tmp_path, document(scan(1, peaks(50.5, 1.0), attributes='compensationVoltage="-45.0"')))
    assert [(row["ion_mobility"], row["ion_mobility_type"]) for row in rows] == [(-45.0, "FAIMS compensation voltage")]


def test_nested_scans(tmp_path):
    broken = peaks(packed="!!!")
    nested = scan(1, broken, scan(2, TWO, scan(3, peaks(7, 1), level=3)), scan(4, peaks(8, 1)), level=1)
    rows, problems = read(tmp_path, document(nested, scan(5, broken, level=1), scan(6, peaks(9, 1)), count=6))
    assert problems == []
    assert {row["native_id"]: (row["ms_level"], row["mz"]) for row in rows} == {
        "1": (1, []),
        "2": (2, [50.5, 101.25]),
        "3": (3, [7.0]),
        "4": (2, [8.0]),
        "5": (1, []),
        "6": (2, [9.0]),
    }
    assert len(rows) == 6


def test_scans_of_one_level_come_as_they_are_read(tmp_path):
    path = tmp_path / "run.mzXML"
    path.write_text(document(*(scan(n, TWO) for n in range(1, 5001))))
    batches = mzxml.read(path, Problems())
    assert next(batches)["native_id"][0].as_py() == "1"
    assert sum(batch.num_rows for batch in batches) == 5000 - 2048


@pytest.mark.parametrize(
    ("own", "header", "expected"),
    [('centroided="1"', "", False), ('centroided="0"', HEADER, True), ("", HEADER, False), ("", "", None)],
)
def test_is_profile(tmp_path, own, header, expected):
    assert read(tmp_path, document(scan(1, TWO, attributes=own), header=header))[0][0]["is_profile"] is expected


@pytest.mark.parametrize(
    "element",
    [
        peaks(50.5, 3, 101.25, 4, kind="d"),
        peaks(
            packed=zlib.compress(struct.pack(">4f", 50.5, 3, 101.25, 4)), attributes='compressionType="zlib" compressedLen="9"'
        ),
        peaks(50.5, 3, 101.25, 4, attributes='compressionType="none" compressedLen="0"'),
        peaks(50.5, 3, 101.25, 4, attributes='pairOrder="m/z-int"'),
    ],
)
def test_forms_of_peaks(tmp_path, element):
    rows, problems = read(tmp_path, document(scan(1, element)))
    assert problems == []
    assert (rows[0]["mz"], rows[0]["intensity"]) == ([50.5, 101.25], [3.0, 4.0])


@pytest.mark.parametrize("content", ["", peaks(), "<peaks/>"])
def test_empty_scans(tmp_path, content):
    rows, problems = read(tmp_path, document(scan(1, content)))
    assert problems == []
    assert (rows[0]["mz"], rows[0]["intensity"]) == ([], [])


@pytest.mark.parametrize(
    ("element", "reason"),
    [
        (peaks(packed="QUJD!EFG"), "Only base64 data is allowed"),
        (peaks(1, 2, 3), "3 numbers are no pairs"),
        (peaks(packed=b"no", attributes='compressionType="zlib"'), "incorrect header check"),
        (peaks(1, 2, attributes='compressionType="szip"'), "('szip') is not supported"),
        (peaks(1, 2, attributes='contentType="m/z ruler"'), "stored as 'm/z ruler'"),
        (TWO.replace('"32"', '"16"'), "a precision of 16 bits"),
    ],
)
def test_damaged_peaks_cost_their_scan_only(tmp_path, element, reason):
    rows, problems = read(tmp_path, document(scan(1, TWO), scan(2, element), scan(3, TWO)))
    assert [row["native_id"] for row in rows] == ["1", "3"]
    assert [place for place, _ in problems] == ["scan 2"]
    assert reason in problems[0][1]


def test_damaged_description_costs_its_scan_only(tmp_path):
    rows, problems = read(tmp_path, document(scan(1, TWO), scan(2, TWO, level="two"), scan(3, TWO)))
    assert [row["native_id"] for row in rows] == ["1", "3"]
    assert problems[0][0] == "scan 2"
    assert "its description cannot be read" in problems[0][1]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.99])
def test_truncated_file(tmp_path, kept):
    text = document(*(scan(n, TWO) for n in range(1, 51)))
    with pytest.raises(UnreadableFile, match=r"run\.mzXML, after spectrum (\d+) \(\1\): the XML breaks off"):
        read(tmp_path, text[: int(len(text) * kept)])


@pytest.mark.parametrize(("text", "message"), [("", "the file is empty"), ("<mzML/>", "<mzML> is not mzXML")])
def test_other_files(tmp_path, text, message):
    with pytest.raises(UnreadableFile, match=message):
        read(tmp_path, text)


def test_gzip(tmp_path):
    path = tmp_path / "run.mzXML.gz"
    path.write_bytes(gzip.compress(document(scan(1, TWO)).encode()))
    assert len(read(path)[0]) == 1


def test_signs_of_cutting_are_noted(tmp_path):
    _, problems = read(tmp_path, document(scan(1, TWO), count=9))
    assert problems == [("end of file", "the file announces 9 spectra and holds 1: it may have been cut")]


def test_same_as_matchms():
    path = FIXTURES / "testdata.mzXML"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    rows, problems = read(path)
    assert Counter(row["ms_level"] for row in rows) == {1: 1, 2: 1, 3: 3}
    assert problems == [("end of file", "the file announces 2165 spectra and holds 5: it may have been cut")]
    ours = {row["native_id"]: row for row in rows}
    for level, n in ((2, 1), (3, 3)):
        expected = list(load_from_mzxml(str(path), ms_level=level, metadata_harmonization=False))
        assert len(expected) == n
        for spectrum in expected:
            row = ours[spectrum.get("scan_number")]
            assert row["ms_level"] == level
            assert row["precursor_mz"] == spectrum.get("precursor_mz")
            assert row["mz"] == spectrum.peaks.mz.tolist()
            assert row["intensity"] == spectrum.peaks.intensities.tolist()
            assert row["retention_time_s"] == pytest.approx(60 * spectrum.get("retention_time")[0])
