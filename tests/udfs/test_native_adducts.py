"""native_adduct_mz beside the Python code that it stands for: the same m/z, and NULL for the same texts."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb.errors import BadAdduct, BadParameter
from spectradb.udfs import adducts, native
from spectradb.udfs.adduct_parts import element_numbers, is_isotope

MASS = 180.0633881

# One by one a rule of the reader: charges in all places, groups, abbreviations, isotopes, zeros for oxygens, blanks, radicals.
SPELLINGS = """
[M+H]+ [M+H]1+ M+H M+H+ [M+2H]++ [M+2H]2+ [M+2H]+2 M+2H2+ M+NH4+ [M+H-H2O]+ [M-H2O+H]+ [M+FA-H]- [M+FA]- [M+HAc]- [M+Ac]-
[Cat]+ [cat]2+ [m+h]+ [2M+Na]+ [2M-2H+Na]- [12M+H]+ [0M+H]+ [00M+H]+ [123M+H]+ M [M] [M]+ [M]+* [M]+• [M]·+ [M•]+ M+. [M].+
[M+H]+/[M+H]1+ [M+H]+/[M+Na]+ (M+H)+ (M+H)(2+) [M+H](+) [M+2H](2+) [M+H+] M+H] [M+H [M+H]+- [M+H]0+ [M+H]3 [M+2(H2O)+H]+
[M+(H2O)2+H]+ [M+(+H-H2O)2]2+ [M-2(H2O)+H]+ [M+((H2O)2)2+H]+ [M+()+H]+ [M+(H2O+H]+ [M+H2O)+H]+ [M+13C+H]+ [M+14C]+ [M+35Cl]-
[M+37Cl]- [M+79Br]- [M+81Br]- [M+2H]+ [M+H2O18]+ [M+Cl37]- [M+H20+H]+ [M-H20+H]+ [M+C2H302]- [M+C2H30]+ [M+NA]+ [M+CL]- [M+NI]+
[M+Ni]2+ [M+HOO]- [M+HO2]- [M+SI]+ [M+ACN+H]+ [M+DMSO+H]+ [M+IsoProp+H]+ [M+iproh+Na+H]2+ [M+TFA-H]- [M+TFA]- [M+HCOO]-
[M+CH3COO]- [M-OH]+ [M+e]- [M-e]+ [M-2e]2+ [M+Fe-3H]- [M+Xx]+ [M+He]+ [M+U]+ [M+C1]- [M+Cl1]- [M+1H]+ [M+0H]+ [M+H01]+ M+1
M+2H+2 M+H-1 M+2H+3 [M+C99999]+ [M+501H]+ [M+99H]99+ [M+100H]100+ [M-C50H50]+ [M+H]⁺ [M+2H]²⁺ [M+H₂O+H]+ [M+NH₄]+
[M]+^ [M+K]+ [M+Ag]+ [M+H3O]+ [M+Mg]2+ [M+2Na-H]+ [M-3H]3- [3M-H]- [M+CO]+ [M+Co]2+ [M+co]+ [M+cu]+ [M+H]é [Z+H]+
""".split()  # noqa: SIM905 - a list of two hundred quoted words is not read
WITH_BLANKS = [
    "M+2H 2+",
    "M+2H +2",
    "M+H 2+",
    "M+2 H",
    "[M + H]+",
    "[M+ 2 H]2+",
    "M 2 H",
    " [M+H]+ ",
    "[M+H 2O]+",
    "[M+H.H2O]+",
]
WITH_BLANKS += [
    "[M\u2013H]-",
    "[M-H]\u2212",
    "[M +H]+",
    "M+NH4 +",
    "[M+2\u00a0Na-H]+",
    "[M+H]+\n",
    "",
    " ",
    "\t[M+\tH]+",
    "[M]+ .",
    "/",
    "[M+H]+/",
    "2 M+H",
]
#: What random texts are made of.
WORDS = [
    "M",
    "2M",
    "Cat",
    "+",
    "-",
    "H",
    "H2O",
    "Na",
    "NH4",
    "Cl",
    "35Cl",
    "13C",
    "FA",
    "ACN",
    "H20",
    "C2H4",
    "(",
    ")",
    "[",
    "]",
]
WORDS += [
    "2",
    "3",
    "10",
    "0",
    "1",
    "+2",
    "2+",
    " ",
    ".",
    "e",
    "K",
    "Fe",
    "•",
    "\u2212",
    "²",
    "/",
    "O",
    "NA",
    "m",
    "x",
    "CO2",
    "TFA",
]


@pytest.fixture(scope="module")
def con(extension):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    native.load_extension(con)
    return con


def found(con, texts, mass=MASS):
    con.register("asked", pa.table({"place": range(len(texts)), "adduct": pa.array(texts, pa.string())}))
    query = "SELECT native_adduct_mz($mass, adduct) FROM asked ORDER BY place"
    return [mz for (mz,) in con.execute(query, {"mass": mass}).fetchall()]


def expected(text, mass=MASS):
    try:
        return adducts.adduct_mz(mass, text)
    except (BadAdduct, BadParameter):
        return None


def assert_same(con, texts):
    for text, mz in zip(texts, found(con, texts), strict=True):
        mine = expected(text)
        assert (mz is None) == (mine is None), (text, mz, mine)
        assert mz is None or mz == pytest.approx(mine, rel=1e-12), text


def test_spellings_give_the_same_mz_or_none(con):
    texts = SPELLINGS + WITH_BLANKS
    assert_same(con, texts)
    assert sum(mz is None for mz in found(con, texts)) > 40
    assert sum(mz is not None for mz in found(con, texts)) > 80


def test_mz_of_known_ions(con):
    assert found(con, ["[M+H]+", "[M+Na]+", "[2M-H]-", "[M+2H]2+", "[M+H-H2O]+"]) == [
        pytest.approx(mz, abs=1e-4) for mz in (181.0707, 203.0526, 359.1195, 91.0390, 163.0601)
    ]


def test_every_element_weighs_what_structures_are_weighed_with(con):
    assert_same(con, [f"[M+{symbol}]+" for symbol in element_numbers()])


def test_every_isotope_is_known(con):
    numbers = [(mass_number, symbol) for symbol in element_numbers() for mass_number in range(2, 215)]
    refused = [mz is None for mz in found(con, [f"[M+{number}{symbol}]+" for number, symbol in numbers], mass=1e6)]
    of_common = {(35, "Cl"), (79, "Br")}
    for (number, symbol), is_refused in zip(numbers, refused, strict=True):
        assert is_refused == (is_isotope(number, symbol) and (number, symbol) not in of_common), (number, symbol)


@settings(max_examples=60)
@given(texts=st.lists(st.lists(st.sampled_from(WORDS), max_size=9).map("".join), min_size=40, max_size=40))
def test_any_words_give_the_same_mz_or_none(con, texts):
    assert_same(con, texts)


@settings(max_examples=60)
@given(
    texts=st.lists(
        st.tuples(
            st.sampled_from(["[M", "[2M", "M", "(M", "[Cat"]),
            st.lists(st.tuples(st.sampled_from("+-"), st.sampled_from(["", "2", "3"]), st.sampled_from(WORDS)), max_size=3),
            st.sampled_from(["]+", "]-", "]2+", "]+2", "+", "-", "2+", "", ")+", "]", " 2+", "](2-)"]),
        ).map(lambda parts: parts[0] + "".join("".join(term) for term in parts[1]) + parts[2]),
        min_size=40,
        max_size=40,
    )
)
def test_likely_adducts_give_the_same_mz_or_none(con, texts):
    assert_same(con, texts)


def test_what_is_no_mass_or_too_long_gives_none(con):
    assert found(con, ["[M+H]+", None], mass=None) == [None, None]
    for mass in (0.0, -1.0, float("nan"), float("inf")):
        assert found(con, ["[M+H]+"], mass=mass) == [None]
    assert found(con, ["[M-C50H50]+"], mass=10.0) == [None]
    assert found(con, ["[M" + 300 * "+H" + "]+", 100_000 * "(", "[M" + 200 * "+(" + 200 * ")" + "]+"]) == [None, None, None]
