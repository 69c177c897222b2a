import base64
import gzip
import re
import struct
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matchms.importing import load_from_mzml

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


def cv(accession, name, value="", unit=""):
    return f'<cvParam cvRef="MS" accession="{accession}" name="{name}" value="{value}" {unit}/>'


SECOND = 'unitCvRef="UO" unitAccession="UO:0000010" unitName="second"'
MINUTE = 'unitCvRef="UO" unitAccession="UO:0000031" unitName="minute"'
EV = 'unitCvRef="UO" unitAccession="UO:0000266" unitName="electronvolt"'
PERCENT = 'unitCvRef="UO" unitAccession="UO:0000187" unitName="percent"'
MS2 = cv("MS:1000511", "ms level", 2)
MS1 = cv("MS:1000511", "ms level", 1)
NONE = cv("MS:1000576", "no compression")
ZLIB = cv("MS:1000574", "zlib compression")
F64 = cv("MS:1000523", "64-bit float")
F32 = cv("MS:1000521", "32-bit float")


def array(name, packed, *terms):
    text = packed if isinstance(packed, str) else base64.b64encode(packed).decode()
    accession = {"m/z array": "MS:1000514", "intensity array": "MS:1000515"}[name]
    body = "".join(terms) + cv(accession, name)
    return f'<binaryDataArray encodedLength="{len(text)}">{body}<binary>{text}</binary></binaryDataArray>'


def doubles(*values):
    return struct.pack(f"<{len(values)}d", *values)


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


PEAKS = array("m/z array", doubles(50.5, 101.25), F64, NONE) + array("intensity array", doubles(3, 4), F64, NONE)


def spectrum(*content, number=1, peaks=PEAKS, length=2):
    arrays = f'<binaryDataArrayList count="2">{peaks}</binaryDataArrayList>' if peaks else ""
    return (
        f'<spectrum index="{number - 1}" id="scan={number}" defaultArrayLength="{length}">{"".join(content)}{arrays}</spectrum>'
    )


def scan(*terms, reference=""):
    return f'<scanList count="1"><scan {reference}>{"".join(terms)}</scan></scanList>'


def precursor(*, window="", ion="", activation=""):
    ions = f'<selectedIonList count="1"><selectedIon>{ion}</selectedIon></selectedIonList>' if ion else ""
    return (
        f'<precursorList count="1"><precursor><isolationWindow>{window}</isolationWindow>{ions}'
        f"<activation>{activation}</activation></precursor></precursorList>"
    )


def document(*spectra, header="", count=None, tail=""):
    count = len(spectra) if count is None else count
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<mzML xmlns="http://psi.hupo.org/ms/mzml" version="1.1.0">'
        f'{header}<run id="r" defaultInstrumentConfigurationRef="IC1"><spectrumList count="{count}">'
        f"{''.join(spectra)}</spectrumList></run></mzML>{tail}"
    )


def read(path, text=None):
    if text is not None:
        path = path / "run.mzML"
        path.write_text(text)
    problems = Problems()
    rows = pa.Table.from_batches(mzml.read(path, problems), schema=RAW_SCHEMA).to_pylist()
    return rows, [(problem.place, problem.reason) for problem in problems.found]


def fixture(*parts):
    path = FIXTURES.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path


INSTRUMENTS = (
    '<referenceableParamGroupList count="1"><referenceableParamGroup id="common">'
    + cv("MS:1000529", "instrument serial number", "7")
    + cv("MS:1001911", "Q Exactive")
    + '</referenceableParamGroup></referenceableParamGroupList><instrumentConfigurationList count="2">'
    + '<instrumentConfiguration id="IC1"><referenceableParamGroupRef ref="common"/></instrumentConfiguration>'
    + f'<instrumentConfiguration id="IC2">{cv("MS:1000031", "instrument model", "Homemade TOF")}</instrumentConfiguration>'
    + "</instrumentConfigurationList>"
)


def test_all_fields(tmp_path):
    ms2 = spectrum(
        MS2,
        cv("MS:1000129", "negative scan"),
        cv("MS:1000127", "centroid spectrum"),
        scan(cv("MS:1000016", "scan start time", "1.5", MINUTE)),
        precursor(
            window=cv("MS:1000827", "isolation window target m/z", "313.2"),
            ion=cv("MS:1000744", "selected ion m/z", "313.1798") + cv("MS:1000041", "charge state", 2),
            activation=cv("MS:1000422", "beam-type collision-induced dissociation")
            + cv("MS:1000045", "collision energy", "35.0", EV),
        ),
        peaks=array("m/z array", zlib.compress(doubles(50.5, 101.25)), F64, ZLIB)
        + array("intensity array", floats(3, 4), F32, NONE),
    )
    rows, problems = read(tmp_path, document(ms2, header=INSTRUMENTS))
    assert problems == []
    assert rows == [
        dict.fromkeys(RAW_SCHEMA.names)
        | {
            "native_id": "scan=1",
            "place": "spectrum 1",
            "ms_level": 2,
            "is_profile": False,
            "precursor_mz": 313.1798,
            "charge": 2,
            "ion_mode": "negative",
            "collision_energy": "35 eV",
            "instrument": "Q Exactive",
            "retention_time_s": 90.0,
            "mz": [50.5, 101.25],
            "intensity": [3.0, 4.0],
        }
    ]


def test_missing_terms_are_null(tmp_path):
    rows, problems = read(tmp_path, document(spectrum()))
    assert problems == []
    assert rows == [
        dict.fromkeys(RAW_SCHEMA.names)
        | {"native_id": "scan=1", "place": "spectrum 1", "mz": [50.5, 101.25], "intensity": [3.0, 4.0]}
    ]


def test_ms1_is_counted_without_its_arrays(tmp_path):
    broken = array("m/z array", "!!!", F64, NONE)
    in_group = (
        '<referenceableParamGroupList count="1"><referenceableParamGroup id="g">'
        + MS1
        + cv("MS:1000130", "positive scan")
        + "</referenceableParamGroup></referenceableParamGroupList>"
    )
    text = document(
        spectrum(MS1, cv("MS:1000128", "profile spectrum"), peaks=broken),
        spectrum('<referenceableParamGroupRef ref="g"/>', number=2, peaks=broken),
        spectrum(cv("MS:1000579", "MS1 spectrum"), number=3, peaks=broken),
        header=in_group,
    )
    rows, problems = read(tmp_path, text)
    assert problems == []
    assert [(row["ms_level"], row["is_profile"], row["ion_mode"], row["mz"], row["intensity"]) for row in rows] == [
        (1, True, None, [], []),
        (1, None, "positive", [], []),
        (1, None, None, [], []),
    ]


def test_unknown_parameter_group_is_passed_over(tmp_path):
    text = document(spectrum('<referenceableParamGroupRef ref="gone"/>', MS2), spectrum(MS2, number=2))
    rows, problems = read(tmp_path, text)
    assert problems == []
    assert [row["ms_level"] for row in rows] == [2, 2]


@pytest.mark.parametrize("stated", ["", cv("MS:1000744", "selected ion m/z", "0.0"), cv("MS:1000744", "selected ion m/z", "?")])
def test_isolation_window_where_no_ion_was_selected(tmp_path, stated):
    window = cv("MS:1000827", "isolation window target m/z", "132.04")
    rows, _ = read(tmp_path, document(spectrum(MS2, precursor(window=window, ion=stated))))
    assert rows[0]["precursor_mz"] == 132.04


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (cv("MS:1000045", "collision energy", "35", EV), "35 eV"),
        (cv("MS:1000045", "collision energy", "35.5", PERCENT), "35.5 %"),
        (cv("MS:1000045", "collision energy", "35"), "35"),
        (cv("MS:1000045", "collision energy", "0.0", EV), "0 eV"),
        (cv("MS:1000045", "collision energy", "35", 'unitCvRef="UO" unitAccession="UO:0000266"'), "35 eV"),
        (cv("MS:1000138", "normalized collision energy", "30", PERCENT), "30 % (NCE)"),
        (cv("MS:1002013", "collision energy ramp start", 20) + cv("MS:1002014", "collision energy ramp end", 40), "20-40 eV"),
        (cv("MS:1000133", "collision-induced dissociation"), None),
        (cv("MS:1000045", "collision energy", "high"), None),
    ],
)
def test_collision_energy(tmp_path, activation, expected):
    rows, _ = read(tmp_path, document(spectrum(MS2, precursor(activation=activation))))
    assert rows[0]["collision_energy"] == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"), [("2", MINUTE, 120.0), ("2", SECOND, 2.0), ("2", "", None), ("soon", MINUTE, None)]
)
def test_retention_time(tmp_path, value, unit, expected):
    rows, _ = read(tmp_path, document(spectrum(MS2, scan(cv("MS:1000016", "scan start time", value, unit)))))
    assert rows[0]["retention_time_s"] == expected


def test_instrument_of_the_scan_goes_before_that_of_the_run(tmp_path):
    text = document(
        spectrum(MS2, scan(reference='instrumentConfigurationRef="IC2"')), spectrum(MS2, number=2), header=INSTRUMENTS
    )
    assert [row["instrument"] for row in read(tmp_path, text)[0]] == ["Homemade TOF", "Q Exactive"]


GOOD = array("intensity array", doubles(3, 4), F64, NONE)


@pytest.mark.parametrize(
    ("peaks", "reason"),
    [
        (array("m/z array", "QUJD!EFG", F64, NONE) + GOOD, "Only base64 data is allowed"),
        (
            array("m/z array", base64.b64encode(doubles(1, 2)).decode()[:-3], F64, NONE) + GOOD,
            "cannot be 1 more than a multiple of 4",
        ),
        (array("m/z array", zlib.compress(doubles(1, 2))[:-6], F64, ZLIB) + GOOD, "incomplete or truncated stream"),
        (array("m/z array", b"not zlib", F64, ZLIB) + GOOD, "incorrect header check"),
        (array("m/z array", b"1234567", F64, NONE) + GOOD, "buffer size must be a multiple"),
        (array("m/z array", doubles(1, 2, 3), F64, NONE) + GOOD, "3 m/z values but 2 intensities"),
        (array("m/z array", doubles(1, 2), NONE) + GOOD, "does not state its number type"),
        (
            array("m/z array", doubles(1, 2), F64, cv("MS:1003780", "zstd compression")) + GOOD,
            "('zstd compression') is not supported",
        ),
        (array("m/z array", b"123", F64, cv("MS:1002312", "MS-Numpress linear prediction compression")) + GOOD, "Numpress"),
        (GOOD, "the m/z array is missing"),
        (array("m/z array", doubles(1, 2), F64, NONE), "the intensity array is missing"),
    ],
)
def test_damaged_peaks_cost_their_spectrum_only(tmp_path, peaks, reason):
    text = document(spectrum(MS2), spectrum(MS2, number=2, peaks=peaks), spectrum(MS2, number=3))
    rows, problems = read(tmp_path, text)
    assert [row["native_id"] for row in rows] == ["scan=1", "scan=3"]
    assert [place for place, _ in problems] == ["spectrum 2"]
    assert problems[0][1].startswith("scan=2: its peaks cannot be read: ")
    assert reason in problems[0][1]


def test_damaged_description_costs_its_spectrum_only(tmp_path):
    text = document(spectrum(MS2), spectrum(MS2, number=2, length="many"), spectrum(MS2, number=3))
    rows, problems = read(tmp_path, text)
    assert [row["native_id"] for row in rows] == ["scan=1", "scan=3"]
    assert problems[0][0] == "spectrum 2"
    assert "its description cannot be read" in problems[0][1]


def test_white_space_inside_base64(tmp_path):
    wrapped = re.sub(r"(<binary>.{8})", r"\1\n   ", PEAKS)
    assert wrapped != PEAKS
    rows, problems = read(tmp_path, document(spectrum(MS2, peaks=wrapped)))
    assert problems == []
    assert rows[0]["mz"] == [50.5, 101.25]


def test_empty_spectra(tmp_path):
    empty = array("m/z array", "", F64, NONE) + array("intensity array", "", F64, NONE)
    text = document(
        spectrum(MS2, peaks=empty, length=0),
        spectrum(MS2, number=2, peaks="", length=0),
        spectrum(MS2, number=3, peaks=empty.replace("<binary></binary>", "<binary/>"), length=0),
    )
    rows, problems = read(tmp_path, text)
    assert problems == []
    assert [(row["mz"], row["intensity"]) for row in rows] == [([], [])] * 3


def test_numpress_as_one_term_and_as_two(tmp_path):
    # 100.00, 101.00 (first two, times 100), then the residuals 0 and 5 of extrapolation: 102.00, 103.05
    linear = struct.pack(">d", 100.0) + struct.pack("<II", 10000, 10100) + bytes([0x87, 0x50])
    slof = struct.pack(">d", 1.0) + struct.pack("<4H", 0, 1, 0, 0)
    intensity = array("intensity array", slof, F64, cv("MS:1002314", "MS-Numpress short logged float compression"))
    combined = "MS-Numpress linear prediction compression followed by zlib compression"
    one = array("m/z array", zlib.compress(linear), F64, cv("MS:1002746", combined))
    two = array("m/z array", zlib.compress(linear), F64, ZLIB, cv("MS:1002312", "MS-Numpress linear prediction compression"))
    rows, problems = read(tmp_path, document(spectrum(MS2, peaks=one + intensity), spectrum(MS2, peaks=two + intensity)))
    assert problems == []
    assert [row["mz"] for row in rows] == [[100.0, 101.0, 102.0, 103.05]] * 2
    assert rows[0]["intensity"] == pytest.approx([0.0, 1.718281828459045, 0.0, 0.0])


def test_spectra_of_other_detectors_are_left_out(tmp_path):
    wavelengths = PEAKS.replace("m/z array", "wavelength array").replace("MS:1000514", "MS:1000617")
    rows, problems = read(tmp_path, document(spectrum(peaks=wavelengths), spectrum(MS2, number=2)))
    assert problems == []
    assert [row["native_id"] for row in rows] == ["scan=2"]


def test_first_of_several_precursors(tmp_path):
    ions = [f"<selectedIon>{cv('MS:1000744', 'selected ion m/z', mz)}</selectedIon>" for mz in (200.5, 300.5)]
    several = (
        f'<precursorList count="1"><precursor><selectedIonList>{"".join(ions)}</selectedIonList></precursor></precursorList>'
    )
    assert read(tmp_path, document(spectrum(MS2, several)))[0][0]["precursor_mz"] == 200.5


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
