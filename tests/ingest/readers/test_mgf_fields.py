"""What the fields of an MGF record state, spelt as programs spell them."""

import pytest
from mgf_text import read_text


def fields_of(tmp_path, *lines):
    rows, problems = read_text(tmp_path, "\n".join(["BEGIN IONS", *lines, "50.5 1", "END IONS", ""]))
    assert problems == []
    return rows[0]


@pytest.mark.parametrize(
    ("line", "precursor", "charge"),
    [
        ("PEPMASS=281.2013 1000 2+", 281.2013, 2),
        ("PEPMASS=281,2013306", 281.2013306, None),
        ("PEPMASS=281,2013306 1000,5 1-", 281.2013306, -1),
        ("PRECURSOR_MZ=281.2013", 281.2013, None),
        ("PRECURSOR_MZ=281,2013", 281.2013, None),
        ("PRECURSORMZ=281.2013", 281.2013, None),
        ("PEPMASS=0\nPRECURSOR_MZ=281.2013", 281.2013, None),
        ("PEPMASS=350,175\nPRECURSOR_MZ=281.2013", 281.2013, None),
    ],
)
def test_precursors(tmp_path, line, precursor, charge):
    row = fields_of(tmp_path, line)
    assert (row["precursor_mz"], row["charge"], row["flags"]) == (precursor, charge, None)


@pytest.mark.parametrize(
    ("line", "charge", "flags"),
    [
        ("CHARGE=1.0", 1, None),
        ("CHARGE=-1.0", -1, None),
        ("CHARGE=1-", -1, None),
        ("CHARGE=-1-", -1, None),
        ("CHARGE=0", 0, None),
        ("CHARGE=2+ and 3+", None, ["several_charges"]),
        ("CHARGE=2+,3+", None, ["several_charges"]),
        ("CHARGE=1.5", None, ["charge_unreadable"]),
        ("CHARGE=unknown", None, None),
        ("CHARGE=2+ and 3+\nPEPMASS=100.5 10 2+", 2, None),
        ("IONMODE=-\nCHARGE=1+", 1, ["charge_contradicts_ion_mode"]),
        ("IONMODE=-\nCHARGE=1", 1, None),
    ],
)
def test_charges(tmp_path, line, charge, flags):
    row = fields_of(tmp_path, line)
    assert (row["charge"], row["flags"]) == (charge, flags)


@pytest.mark.parametrize(
    ("line", "seconds", "unitless", "flags"),
    [
        ("RTINSECONDS=271.2", 271.2, None, None),
        ("RETENTIONTIMEINSECONDS=271.2", 271.2, None, None),
        ("RETENTION_TIME_IN_MINUTES=4.52", 271.2, None, None),
        ("RTINMINUTES=4.52", 271.2, None, None),
        ("RTINSECONDS=271,2", 271.2, None, None),
        ("RT [min]=4.52", 271.2, None, None),
        ("RT(s)=271.2", 271.2, None, None),
        ("RTINSECONDS=PT271.2S", 271.2, None, None),
        ("RTINSECONDS=4.52 min", 271.2, None, None),
        ("RT=4.52 min.", 271.2, None, None),
        ("RT=PT4.52M", 271.2, None, None),
        ("RT=4.52", None, 4.52, None),
        ("RETENTIONTIME=4.52", None, 4.52, None),
        ("RT=4.52\nRTINSECONDS=271.2", 271.2, None, None),
        ("RETENTION_TIME=271.2", 271.2, 271.2, None),
        ("RT=-1", None, None, None),
        ("RT=0", 0.0, None, None),
        ("RT=soon", None, None, ["retention_time_unreadable"]),
        ("RT=N/A", None, None, None),
    ],
)
def test_retention_times(tmp_path, line, seconds, unitless, flags):
    row = fields_of(tmp_path, line)
    found = (row["retention_time_s"], row["retention_time_unitless"], row["flags"])
    assert found == (seconds and pytest.approx(seconds), unitless, flags)


@pytest.mark.parametrize(
    ("line", "level", "flags"),
    [
        ("MSLEVEL=0", 0, None),
        ("MSLEVEL=2.0", 2, None),
        ("MSLEVEL=MSn", None, None),
        ("MSLEVEL=two", None, ["ms_level_unreadable"]),
    ],
)
def test_levels(tmp_path, line, level, flags):
    row = fields_of(tmp_path, line)
    assert (row["ms_level"], row["flags"]) == (level, flags)


def test_a_second_name_tells_where_the_first_does_not(tmp_path):
    assert fields_of(tmp_path, "IONMODE=Unknown", "POLARITY=-")["ion_mode"] == "-"
    assert fields_of(tmp_path, "IONMODE=both")["ion_mode"] == "both"


def test_a_count_that_disagrees_is_flagged(tmp_path):
    assert fields_of(tmp_path, "Num peaks=1")["flags"] is None
    assert fields_of(tmp_path, "NUM_PEAKS=3")["flags"] == ["peak_count_disagrees"]


def test_deprecated_records_are_flagged(tmp_path):
    assert fields_of(tmp_path, "DEPRECATED=2020-01-01 wrong structure")["flags"] == ["deprecated_record"]
    assert fields_of(tmp_path, "DEPRECATED=false")["flags"] is None


def test_decimal_marks_of_the_peaks_tell_about_the_fields(tmp_path):
    record = "BEGIN IONS\nPEPMASS=281,201\nRTINSECONDS=1,250\n{}\nEND IONS\n"
    rows = [read_text(tmp_path, record.format(peak))[0][0] for peak in ("69,0447 5", "69.0447 5", "69 5")]
    assert [(row["precursor_mz"], row["retention_time_s"]) for row in rows] == [(281.201, 1.25), (None, 1250.0), (None, None)]
    assert rows[2]["flags"] == ["precursor_unreadable", "retention_time_unreadable"]


@pytest.mark.parametrize(
    ("fields", "peak", "read"),
    [
        (("1.250", "1.250"), "69,0447 5", (None, None)),
        (("281.201", "1.250"), "69,0447 5", (281.201, None)),
        (("281.2013", "1.250"), "69,0447 5", (281.2013, None)),
        (("281.201 1.250", "330.5"), "69,0447 5", (281.201, 330.5)),
        (("281,2013", "1.250"), "69.0447 5", (281.2013, None)),
        (("281.201", "1.250"), "69.0447 1,250.5", (281.201, 1.25)),
        (("281.201", "1.250"), "69 5", (281.201, 1.25)),
    ],
)
def test_three_decimals_behind_a_point_are_refused_beside_decimal_commas(tmp_path, fields, peak, read):
    text = "BEGIN IONS\nPEPMASS={}\nRTINSECONDS={}\n".format(*fields) + f"{peak}\nEND IONS\n"
    row = read_text(tmp_path, text)[0][0]
    assert (row["precursor_mz"], row["retention_time_s"]) == read
    flags = [
        flag for flag, value in zip(("precursor_unreadable", "retention_time_unreadable"), read, strict=True) if value is None
    ]
    assert (row["flags"] or []) == flags
