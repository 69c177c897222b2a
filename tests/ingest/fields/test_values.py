import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.fields import values


@pytest.mark.parametrize("text", [None, "", " ", "N/A", "n/a", " N/A ", "NA", "null", "nan", '""', [], {}])
def test_not_stated(text):
    assert values.stated(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [("Na", "Na"), (0, "0"), (1.5, "1.5"), (' "a b" ', "a b"), ('say "x"', 'say "x"'), ("µ", "µ"), ('"', '"')],
)
def test_stated(value, text):
    assert values.stated(value) == text


@pytest.mark.parametrize(
    ("text", "charge"),
    [
        ("1", 1),
        ("+1", 1),
        ("1+", 1),
        ("-2", -2),
        ("2-", -2),
        ("0", 0),
        ("1.0", 1),
        ("-1.0", -1),
        ("1,0", 1),
        ("-1-", -1),
        ("+2+", 2),
        ("++", 2),
        ("(2+)", 2),
        ("2 +", 2),
        ("\u22121", -1),
        ("+1-", None),
        ("200", None),
        ("2+ and 3+", None),
        ("n", None),
        (None, None),
        ("1.5", None),
    ],
)
def test_charge(text, charge):
    assert values.charge(text) == charge


@pytest.mark.parametrize(
    ("text", "level"),
    [("2", 2), ("MS2", 2), ("ms1", 1), ("MS", 1), ("MS/MS", 2), ("2.0", 2), ("MSn", None), ("in-source", None), (None, None)],
)
def test_ms_level(text, level):
    assert values.ms_level(text) == level


@pytest.mark.parametrize(
    ("text", "bare", "expected"),
    [
        ("4.0 min", "s", 240.0),
        ("4min", "s", 240.0),
        ("240 s", "min", 240.0),
        ("240 sec", "min", 240.0),
        ("4", "min", 240.0),
        ("4", "s", 4.0),
        (".5", "min", 30.0),
        ("1e2", "s", 100.0),
        ("0.5-1.5 min", "s", 60.0),
        ("-1", "min", None),
        ("4,5", "min", 270.0),
        ("4,52 min.", "s", 271.2),
        ("4.52 min.", "s", 271.2),
        ("4.52 Minutes", "s", 271.2),
        ("1,250", "min", None),
        ("1,234.5 s", "min", 1234.5),
        ("PT330S", "min", 330.0),
        ("PT5.5M", "s", 330.0),
        ("PT1H2M3.5S", "min", 3723.5),
        ("P0DT5M30S", "min", 330.0),
        ("PT", "min", None),
        ("0:05:30", "min", 330.0),
        ("5:30", "min", None),
        ("1_0", "min", None),
        ("4.52 (in paper: 4.6)", "min", 271.2),
        ("5 furlongs", "min", None),
        ("soon", "min", None),
        (None, "min", None),
    ],
)
def test_seconds(text, bare, expected):
    assert values.seconds(text, bare=bare) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100.5", 100.5),
        ("100.5 2e3 2+", 100.5),
        ("764.5/690.5", 690.5),
        ("764.5->690.5", 690.5),
        ("208.06, 146.06", 146.06),
        ("208.06,146.06", 146.06),
        ("764.5 ; 690.5", 690.5),
        ("281,2013306", 281.2013306),
        ("281,2013306 1000 1+", 281.2013306),
        ("1.234,5678", 1234.5678),
        ("195,08", 195.08),
        ("195.0877 Da", 195.0877),
        ("1,250", None),
        ("350,175", None),
        ("350.123,175", None),
        ("1_000.5", None),
        ("inf", None),
        ("0", 0.0),
        ("x", None),
        ("/", None),
        (None, None),
    ],
)
def test_precursor_mz(text, expected):
    assert values.precursor_mz(text) == expected


@pytest.mark.parametrize(
    ("text", "cid"),
    [("702", 702), ("CID:702", 702), ("CID 702", 702), ("SID: 11916 CID:702", 702), ("SID:11916", None), (None, None)],
)
def test_pubchem_cid(text, cid):
    assert values.pubchem_cid(text) == cid


@given(text=st.text())
def test_no_text_raises(text):
    kept = values.stated(text)
    assert kept is None or kept.encode().decode() == kept
    for read in (values.number, values.charge, values.ms_level, values.precursor_mz, values.pubchem_cid):
        assert read(text) is None or isinstance(read(text), (int, float))
    assert (values.seconds(text, bare="s") or 0) >= 0
