"""Queries as they are read, and what is said about those that cannot be."""

import pytest

from spectradb.errors import BadMassQL, NoSuchData
from spectradb.massql.query import Bound, Condition, Linear, Qualifiers, Query
from spectradb.massql.reading import read_query


def values(text):
    """The values of the first condition."""
    return read_query(f"QUERY MS2DATA WHERE MS2PROD={text}").where[0].values


def test_a_query_is_read_with_its_function_conditions_and_filters():
    query = read_query(
        """
        query ScanInfo(ms2data)  # a comment
        where MS2PROD=(100 OR 101.5):TOLERANCEMZ=0.01:INTENSITYPERCENT>5:CARDINALITY=range(min=1, max=2)
        and POLARITY=negative AND RTMIN=2
        FILTER MS2NL=ANY:MASSDEFECT=massdefect(min=0.1, max=0.2):EXCLUDED
        """
    )
    product = Qualifiers(tolerance_da=0.01, bounds=(Bound("INTENSITYPERCENT", ">", 5.0),), cardinality=(1.0, 2.0))
    text = "MS2PROD=(100 OR 101.5):TOLERANCEMZ=0.01:INTENSITYPERCENT>5:CARDINALITY=range(min=1, max=2)"
    loss = Qualifiers(mass_defect=(0.1, 0.2), is_excluded=True)
    assert query == Query(
        "scaninfo",
        (
            Condition("MS2PROD", (Linear(100.0), Linear(101.5)), product, text),
            Condition("POLARITY", (Linear(-1.0),), Qualifiers(), "POLARITY=negative"),
            Condition("RTMIN", (Linear(2.0),), Qualifiers(), "RTMIN=2"),
        ),
        (Condition("MS2NL", (), loss, "MS2NL=ANY:MASSDEFECT=massdefect(min=0.1, max=0.2):EXCLUDED"),),
    )


def test_numbers_are_sums_of_masses_and_of_a_variable():
    assert values("2*(3+4)-10/4") == (Linear(11.5),)
    assert values("-5 + 7") == (Linear(2.0),)
    assert values("2.0*(X-10)+1") == (Linear(-19.0, 2.0, "X"),)
    assert values("(X-1)") == (Linear(-1.0, 1.0, "X"),)
    assert values("X/2") == (Linear(0.0, 0.5, "X"),)
    assert values("X-X+3") == (Linear(3.0),)
    masses = values("(formula(H2O) OR formula(C6H12O6)+1 OR aminoaciddelta(G) OR peptide(GA, charge=1, ion=y))")
    assert [round(mass.offset, 4) for mass in masses] == [18.0106, 181.0634, 57.0215, 147.0764]
    assert values("(X OR 12)") == (Linear(0.0, 1.0, "X"), Linear(12.0))


def test_a_variable_has_bounds():
    query = read_query("QUERY MS2DATA WHERE MS2PROD=X AND X=range(min=5, max=100) AND X=massdefect(min=0.1, max=0.3)")
    assert (query.x_range, query.x_defect) == ((5.0, 100.0), (0.1, 0.3))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT 1", "line 1, column 1, at 'SELECT 1': 'QUERY' is missing at the beginning"),
        ("QUERY scans(MS2DATA)", "column 7, at 'scans(MS2DATA)': behind QUERY stands MS2DATA or one of scaninfo(MS2DATA)"),
        ("QUERY MS2DATA WHERE\n  MS2PRD=5", "line 2, column 3, at 'MS2PRD=5': conditions are on MS2PROD"),
        ("QUERY MS2DATA WHERE MS2PROD=", "at its end: a number is missing"),
        ("QUERY MS2DATA WHERE MS2PROD=5:TOLERANCE=1", "qualifiers are TOLERANCEMZ"),
        ("QUERY MS2DATA WHERE MS2PROD=5:EXCLUDED:EXCLUDED", "EXCLUDED is stated twice"),
        ("QUERY MS2DATA WHERE MS2PROD=(5 OR 6", "')' is missing behind the alternatives"),
        ("QUERY MS2DATA WHERE MS2PROD=5 RTMIN=1", "WHERE, AND, FILTER or the end is expected"),
        ("QUERY MS2DATA WHERE MS2PROD=5; DROP TABLE x", "';' is no word of the language"),
        ("QUERY MS2DATA WHERE MS2PROD=formula(Xx2)", "'Xx2' is not a formula such as C6H12O6"),
        ("QUERY MS2DATA WHERE MS2PROD=peptide(GA, charge=0, ion=y)", "a charge of 1 to 9"),
        ("QUERY MS2DATA WHERE MS2PROD=5/0", "divided by another one than 0"),
        ("QUERY MS2DATA WHERE MS2PROD=X*X", "not multiplied with each other"),
        ("QUERY MS2DATA WHERE MS2PROD=X+Y", "X and Y are not added"),
        ("QUERY MS2DATA WHERE MS2PROD=Y", "Y stands for an intensity"),
        ("QUERY MS2DATA WHERE MS2PROD=5:TOLERANCEMZ=X", "TOLERANCEMZ is a number, without X"),
        ("QUERY MS2DATA WHERE MS2PROD=5:INTENSITYMATCH=Y*2", "INTENSITYMATCH needs INTENSITYMATCHPERCENT"),
        ("QUERY MS2DATA WHERE MS2PROD=5:INTENSITYMATCH=2:INTENSITYMATCHPERCENT=5", "an expression of Y"),
        ("QUERY MS2DATA WHERE MS2PROD=5:INTENSITYMATCHPERCENT=5", "INTENSITYMATCHPERCENT needs INTENSITYMATCH"),
        ("QUERY MS2DATA WHERE MS2PROD=5:INTENSITYMATCHREFERENCE", "needs INTENSITYMATCH=Y"),
        ("QUERY MS2DATA WHERE MS2PROD=5:EXCLUDED:INTENSITYMATCH=Y:INTENSITYMATCHREFERENCE", "for one m/z"),
        ("QUERY MS2DATA WHERE MS2PROD=5:CARDINALITY=range(min=1,max=2)", "CARDINALITY counts alternatives"),
        ("QUERY MS2DATA WHERE MS2PREC=5:INTENSITYVALUE=2", "a precursor has no intensity here"),
        ("QUERY MS2DATA WHERE RTMIN=5:TOLERANCEMZ=2", "RTMIN has no qualifiers"),
        ("QUERY MS2DATA WHERE POLARITY=both", "POLARITY is Positive or Negative"),
        ("QUERY MS2DATA WHERE X=range(min=1)", "',' is missing in (min=..., max=...)"),
        ("QUERY MS2DATA WHERE MS2PREC=(QUERY scanmz(MS2DATA))", "a query within a query is not read"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, told):
    with pytest.raises(BadMassQL) as error:
        read_query(text)
    assert told in str(error.value)
    assert str(error.value).startswith("MassQL, line ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("QUERY MS1DATA", "QUERY MS1DATA asks for MS1 scans: a lab holds MS/MS spectra"),
        ("QUERY scaninfo(MS1DATA)", "scaninfo(MS1DATA) asks for MS1 scans"),
        ("QUERY scaninfo(MS2DATA) WHERE MS1MZ=100", "MS1MZ asks for MS1 peaks"),
        ("QUERY scaninfo(MS2DATA) WHERE MS2PROD=100:OTHERSCAN=rtrange(left=1,right=2)", "OTHERSCAN asks for MS1 peaks"),
        ("QUERY scaninfo(MS2DATA) WHERE MOBILITY=range(min=1,max=2)", "MOBILITY asks for an ion mobility in one unit"),
    ],
)
def test_what_a_lab_does_not_hold_is_refused(text, told):
    with pytest.raises(NoSuchData, match="^" + told.replace("(", r"\(").replace(")", r"\)")):
        read_query(text)
