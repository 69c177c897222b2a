import base64
import re
import struct
import zlib

import pytest
from mzml_text import (
    EV,
    F32,
    F64,
    INSTRUMENTS,
    MINUTE,
    MS1,
    MS2,
    NONE,
    PEAKS,
    PERCENT,
    SECOND,
    ZLIB,
    array,
    cv,
    document,
    doubles,
    floats,
    precursor,
    read,
    scan,
    spectrum,
)

from spectradb.ingest.readers.raw import RAW_SCHEMA


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


def ion(mz, *terms):
    return cv("MS:1000744", "selected ion m/z", mz) + "".join(terms)


def isolation(target, half=0.5):
    offsets = (cv(f"MS:100082{n}", f"isolation window {side} offset", half) for n, side in ((8, "lower"), (9, "upper")))
    return cv("MS:1000827", "isolation window target m/z", target) + "".join(offsets)


def energy(volts):
    return cv("MS:1000045", "collision energy", volts, EV)


def chained(*parts):
    """Precursors of (parent scan or None, m/z, energy)."""
    made = ""
    for parent, mz, volts in parts:
        reference = f'spectrumRef="scan={parent}"' if parent else ""
        made += (
            f"<precursor {reference}><isolationWindow>{isolation(mz)}</isolationWindow>"
            f'<selectedIonList count="1"><selectedIon>{ion(mz)}</selectedIon></selectedIonList>'
            f"<activation>{energy(volts)}</activation></precursor>"
        )
    return f'<precursorList count="{len(parts)}">{made}</precursorList>'


MS3 = cv("MS:1000511", "ms level", 3)


@pytest.mark.parametrize("turned", [False, True])
def test_of_an_ms3_spectrum_the_precursor_isolated_from_the_ms2_spectrum_with_its_own_energy(tmp_path, turned):
    parts = [(1, 764.4, 30), (2, 310.2, 45)]
    ms3 = spectrum(MS3, chained(*(parts[::-1] if turned else parts)), number=3)
    rows, problems = read(tmp_path, document(spectrum(MS1), spectrum(MS2, chained(parts[0]), number=2), ms3))
    assert problems == []
    assert [(row["precursor_mz"], row["collision_energy"]) for row in rows[1:]] == [(764.4, "30 eV"), (310.2, "45 eV")]
    assert (rows[2]["isolation_window_lower"], rows[2]["isolation_window_upper"]) == (309.7, 310.7)
    assert rows[2]["flags"] is None


def test_ms3_precursors_that_state_their_level(tmp_path):
    stages = "".join(
        f'<precursor><isolationWindow>{isolation(mz)}<userParam name="ms level" value="{level}"/></isolationWindow>'
        f'<selectedIonList count="1"><selectedIon>{ion(mz)}</selectedIon></selectedIonList><activation/></precursor>'
        for mz, level in ((310.2, 2), (764.4, 1))
    )
    rows, _ = read(tmp_path, document(spectrum(MS3, f'<precursorList count="2">{stages}</precursorList>')))
    assert rows[0]["precursor_mz"] == 310.2


def test_ms3_precursors_of_unknown_level_are_none(tmp_path):
    rows, _ = read(tmp_path, document(spectrum(MS3, chained((None, 764.4, 30), (None, 310.2, 45)))))
    assert (rows[0]["precursor_mz"], rows[0]["flags"]) == (None, ["precursor_level_unknown"])


def test_several_isolations_at_once_are_no_precursor(tmp_path):
    rows, _ = read(tmp_path, document(spectrum(MS1), spectrum(MS2, chained((1, 300.1, 30), (1, 410.2, 30)), number=2)))
    assert (rows[1]["precursor_mz"], rows[1]["flags"]) == (None, ["several_precursors"])


def test_an_ion_outside_its_own_window(tmp_path):
    rows, _ = read(tmp_path, document(spectrum(MS2, precursor(window=isolation(98.06), ion=ion(96.04)))))
    assert (rows[0]["precursor_mz"], rows[0]["flags"]) == (98.06, ["precursor_outside_window"])


def test_bounds_of_early_files(tmp_path):
    limits = cv("MS:1000794", "isolation window lower limit", 99.5) + cv("MS:1000793", "isolation window upper limit", 100.5)
    rows, _ = read(tmp_path, document(spectrum(MS2, precursor(window=limits, ion=ion(100.0)))))
    assert (rows[0]["isolation_window_lower"], rows[0]["isolation_window_upper"]) == (99.5, 100.5)


@pytest.mark.parametrize(
    ("written", "started"),
    [
        ("2020-03-01T10:30:00Z", "2020-03-01 10:30:00"),
        ("2020-03-01T10:30:00+02:00", "2020-03-01 08:30:00"),
        ("2020-03-01T10:30:00.250", "2020-03-01 10:30:00.250000"),
        ("0001-01-01T00:00:00Z", "None"),
        ("yesterday", "None"),
        ("", "None"),
    ],
)
def test_when_the_run_started(tmp_path, written, started):
    text = document(spectrum(MS2)).replace('<run id="r"', f'<run id="r" startTimeStamp="{written}"')
    assert [str(row["run_started"]) for row in read(tmp_path, text)[0]] == [started]


def test_of_several_selected_ions_the_first_where_nothing_tells(tmp_path):
    ions = [f"<selectedIon>{cv('MS:1000744', 'selected ion m/z', mz)}</selectedIon>" for mz in (200.5, 300.5)]
    several = (
        f'<precursorList count="1"><precursor><selectedIonList>{"".join(ions)}</selectedIonList></precursor></precursorList>'
    )
    row = read(tmp_path, document(spectrum(MS2, several)))[0][0]
    assert (row["precursor_mz"], row["flags"]) == (200.5, ["several_selected_ions"])


def test_ion_mobilities_of_scans_spectra_and_ions(tmp_path):
    of_scan = spectrum(MS2, scan(cv("MS:1002476", "ion mobility drift time", "0.0075", SECOND)))
    of_spectrum = spectrum(MS2, cv("MS:1001581", "FAIMS compensation voltage", "-45"))
    of_ion = spectrum(MS2, precursor(ion=cv("MS:1002815", "inverse reduced ion mobility", "0.75")))
    rows, _ = read(tmp_path, document(of_scan, of_spectrum, of_ion))
    assert [(row["ion_mobility"], row["ion_mobility_type"]) for row in rows] == [
        (7.5, "ion mobility drift time"),
        (-45.0, "FAIMS compensation voltage"),
        (0.75, "inverse reduced ion mobility"),
    ]
