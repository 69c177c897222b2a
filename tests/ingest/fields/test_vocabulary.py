import pytest

from spectradb.ingest.fields.vocabulary import charge, ion_mode, names_several_charges, stated


@pytest.mark.parametrize("text", [None, "", " ", "N/A", "n/a", "NA", "n.d.", "None", "NULL", "unknown", "-", "?"])
def test_placeholders_state_nothing(text):
    assert stated(text) is None


@pytest.mark.parametrize(("text", "value"), [(" 0 ", "0"), ("no", "no"), ("N", "N"), ("[M-H]-", "[M-H]-")])
def test_values_stay(text, value):
    assert stated(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "POSITIVE",
        "positive",
        "Positive-20eV",
        "pos",
        "Pos",
        "P",
        "+",
        "+1",
        "+ve",
        "1",
        "1+",
        "ESI+",
        "ESI pos",
        "Positive mode",
        "POS.",
        "(+)",
        "ESI(+)",
        "plus",
        "1.0",
        "\uff0b",
    ],
)
def test_positive(text):
    assert ion_mode(text) == "positive"


@pytest.mark.parametrize(
    "text",
    [
        "NEGATIVE",
        "negative",
        "Negative-20eV",
        "neg",
        "N",
        "-",
        "-1",
        "1-",
        "-ve",
        "ESI-",
        "LC-ESI-",
        "ESI neg",
        "Negative mode",
        "NEG.",
        "[-]",
        "ESI(-)",
        "\u2212",
        "minus",
        "-1.0",
    ],
)
def test_negative(text):
    assert ion_mode(text) == "negative"


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "n/a", "N/A", "NA", "none", "unknown", "n.d.", "--", "?", "+-", "0"),
        *("pos/neg", "ESI+/-", "ESI-/+", "ESI-MS", "composition"),
    ],
)
def test_neither_or_both(text):
    assert ion_mode(text) is None


@pytest.mark.parametrize(
    ("value", "mode", "signed"),
    [
        (1, None, 1),
        (-2, None, -2),
        ("2+", None, 2),
        ("2-", None, -2),
        ("-1", None, -1),
        ("+3", None, 3),
        ("1.0", None, 1),
        ("++", None, 2),
        ("--", None, -2),
        (1, "negative", -1),
        ("1+", "negative", -1),
        ("2-", "positive", 2),
    ],
)
def test_charge_takes_the_sign_of_the_ion_mode(value, mode, signed):
    assert charge(value, mode) == signed


@pytest.mark.parametrize(
    ("text", "several"),
    [
        *((text, True) for text in ("2+ and 3+", "2+,3+", "2+ or 3+", "2/3")),
        *((text, False) for text in ("2+", "2 and 2", "2+ and x")),
    ],
)
def test_several_charges(text, several):
    assert names_several_charges(text) is several


@pytest.mark.parametrize("value", [None, 0, "0", "", "+-", "2+ and 3+", "abc", 128, -128, "n/a"])
def test_unknown_charge(value):
    assert charge(value, "positive") is None
