import csv
import math
from importlib import resources

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spectradb.errors import BadAdduct, BadParameter
from spectradb.udfs.adduct_spelling import spell
from spectradb.udfs.adducts import Adduct, adduct_mz, canonical_adduct, ion_mode_of, neutral_mass, parse_adduct

SPELLINGS = [
    ("M+H", "[M+H]+"),
    ("[M+H]+", "[M+H]+"),
    ("[M+H]1+", "[M+H]+"),
    ("[M+H]+1", "[M+H]+"),
    ("M+H+", "[M+H]+"),
    ("(M+H)+", "[M+H]+"),
    ("[M+H](+)", "[M+H]+"),
    ("[M+H]⁺", "[M+H]+"),
    (" [M + H]+ ", "[M+H]+"),
    ("[M+H+]", "[M+H]+"),
    ("[M+H]", "[M+H]+"),
    ("[M+H+H]2+", "[M+2H]2+"),
    ("[M+2H]++", "[M+2H]2+"),
    ("M+2H", "[M+2H]2+"),
    ("M+2H+2", "[M+2H]2+"),
    ("[M+2H]2", "[M+2H]2+"),
    ("M-10H", "[M-10H]10-"),
    ("[M+12H]12+", "[M+12H]12+"),
    ("[M+12H]+12", "[M+12H]12+"),
    ("[M-2H]--", "[M-2H]2-"),
    ("[M\u2212H]\u2212", "[M-H]-"),
    ("[M-H1]", "[M-H]-"),
    ("[M-2H]-", "[M-2H]-"),
    ("[M]+*", "[M]+"),
    ("[M]+.", "[M]+"),
    ("[M]•+", "[M]+"),
    ("[M+.]", "[M]+"),
    ("M+", "[M]+"),
    ("[M-e]+", "[M]+"),
    ("[M]++", "[M]2+"),
    ("[M]-", "[M]-"),
    ("[Cat]+", "[M]+"),
    ("[M+H-H2O]+", "[M-H2O+H]+"),
    ("[M-H2O+H]+", "[M-H2O+H]+"),
    ("[M-OH]+", "[M-H2O+H]+"),
    ("[M-2H2O+H]+", "[M-2H2O+H]+"),
    ("M-H2O-H", "[M-H2O-H]-"),
    ("[M+H-NH3]+", "[M-NH3+H]+"),
    ("[M+H-C9H10O5]+", "[M-C9H10O5+H]+"),
    ("[M-H-C6H10O5]-", "[M-C6H10O5-H]-"),
    ("[M-C2H3O]-", "[M-C2H2O-H]-"),
    ("[M-CH3]-", "[M-CH3]-"),
    ("[M+CH3]+", "[M+CH3]+"),
    ("[M+NH4]+", "[M+NH4]+"),
    ("[M+NH3+H]+", "[M+NH4]+"),
    ("[M+NH4-H2O]+", "[M-H2O+NH4]+"),
    ("[M+H+NH4]2+", "[M+H+NH4]2+"),
    ("M+Na", "[M+Na]+"),
    ("M+NA", "[M+Na]+"),
    ("[M+Na]+*", "[M+Na]+"),
    ("[M+H+Na]2+", "[M+H+Na]2+"),
    ("[M+Na+H]2+", "[M+H+Na]2+"),
    ("[M-H+2Na]+", "[M+2Na-H]+"),
    ("[M-2H+Na]-", "[M+Na-2H]-"),
    ("[M+K-2H]-", "[M+K-2H]-"),
    ("[M-Na]-", "[M-Na]-"),
    ("[M+Ca-H]+", "[M+Ca-H]+"),
    ("[M+ACN+H]+", "[M+ACN+H]+"),
    ("[M+H+CH3CN]+", "[M+ACN+H]+"),
    ("[M+2ACN+2H]2+", "[M+2ACN+2H]2+"),
    ("[M+CH3OH+H]+", "[M+CH3OH+H]+"),
    ("[M+MeOH+H]+", "[M+CH3OH+H]+"),
    ("[M+FA-H]-", "[M+HCOO]-"),
    ("[M+FA]-", "[M+HCOO]-"),
    ("[M+HCOO]-", "[M+HCOO]-"),
    ("[M+HCOO]", "[M+HCOO]-"),
    ("[M+HCOOH-H]-", "[M+HCOO]-"),
    ("[M+H2CO2-H]-", "[M+HCOO]-"),
    ("[M-H+CH2O2]-", "[M+HCOO]-"),
    ("[M+CH3COO]-", "[M+CH3COO]-"),
    ("[M+Ac-H]-", "[M+CH3COO]-"),
    ("[M+Hac-H]-", "[M+CH3COO]-"),
    ("[M+OAc]-", "[M+CH3COO]-"),
    ("[M+CH3COOH-H]-", "[M+CH3COO]-"),
    ("[M+TFA-H]-", "[M+CF3COO]-"),
    ("[M+Cl]-", "[M+Cl]-"),
    ("[M+HCl-H]-", "[M+Cl]-"),
    ("[2M+H]+", "[2M+H]+"),
    ("3M-H", "[3M-H]-"),
    ("[M+HCOO+2Na]+", "[M+HCOO+2Na]+"),
    ("[M-H-CO2-2HF]-", "[M-CH2F2O2-H]-"),
    ("[M-H]-/[M-H]1-", "[M-H]-"),
    # groups and their multipliers
    ("[M-(H2O)2+H]+", "[M-2H2O+H]+"),
    ("[M-2(H2O)+H]+", "[M-2H2O+H]+"),
    ("[M+H-(H2O)]+", "[M-H2O+H]+"),
    ("[M-(2H2O)+H]+", "[M-2H2O+H]+"),
    ("[M-(H2O+NH3)+H]+", "[M-H5NO+H]+"),
    ("[M+H-2(CO2-H)]+", "[M-2CO2+3H]+"),
    ("[M-C4H8(OH)2+H]+", "[M-C4H10O2+H]+"),
    ("[M+(CH3)2CO+H]+", "[M+C3H6O+H]+"),
    ("[M+(CH3COO)]-", "[M+CH3COO]-"),
    ("(M-(H2O)2+H)+", "[M-2H2O+H]+"),
    # zeros that are oxygens
    ("M+H-H20", "[M-H2O+H]+"),
    ("[M+H-2H20]+", "[M-2H2O+H]+"),
    ("[M-H+C02]-", "[M+HCOO-2H]-"),
    ("[M+HC00]-", "[M+HCOO]-"),
    ("[M+CH3C00]-", "[M+CH3COO]-"),
    ("[M+CH30H+H]+", "[M+CH3OH+H]+"),
    ("[M-C6H10O5+H]+", "[M-C6H10O5+H]+"),
    ("[M-C6H12O6+H]+", "[M-C6H12O6+H]+"),
    # a charge apart, and a digit before a sign
    ("M+2H 2+", "[M+2H]2+"),
    ("M+H 1+", "[M+H]+"),
    ("M+H +1", "[M+H]+"),
    ("M + Na +", "[M+Na]+"),
    ("[M+2H] 2+", "[M+2H]2+"),
    ("[ 2 M + H ]+", "[2M+H]+"),
    ("M+NH4+", "[M+NH4]+"),
    ("M+2H2+", "[M+2H]2+"),
    ("M+Ca2+", "[M+Ca]2+"),
    ("M+H-C2H4+", "[M-C2H4+H]+"),
    ("M+HCO2-", "[M+HCOO]-"),
    # the commonest isotope of a halogen is the halogen
    ("[M+35Cl]-", "[M+Cl]-"),
    ("[M+79Br]-", "[M+Br]-"),
    ("[M+na]+", "[M+Na]+"),
    ("[M+CL]-", "[M+Cl]-"),
    ("[M+CU]2+", "[M+Cu]2+"),
]

UNREADABLE = [
    "",
    "/",
    "M",
    "[M]",
    "H+",
    "[M+H",
    "[M+H]-+",
    "[M+H]0+",
    "[0M+H]+",
    "[M+Xx]+",
    "[M+1]+",
    "M+1",
    "[MCl37+H]",
    "[M-H]-/[M-C3H6NO2]-",
    "[M+CH3COO]-/[M-CH3]-",
    "[M-H-/M-Ser]-",
    "[M+HOO]-",
    "M+99H+1H",
    "[M+501O]+",
    "[M+H]100+",
    "unknown",
    # isotopes: of which atom of the molecule, or beside it, the text does not say
    "[M+13C+H]+",
    "[M+(13C)+H]+",
    "[M+15N+H]+",
    "[M+37Cl]-",
    "[M+Cl37]-",
    "[M-H2O18+H]+",
    "[M+C13+H]+",
    "[M+81Br]-",
    "[M+13CH3]+",
    "[M+H+14C]+",
    "[M-H218O+H]+",
    "[M+C5H1113C]+",
    "[M+D]+",
    "[M+[13C]+H]+",
    # a charge that is not that of the parts, and digits that may count either
    "M+H 2+",
    "M+H2+",
    "M+Na2+",
    "M-H2-",
    "M+H 2",
    # letters and digits that may be others
    "[M+C1]-",
    "[M+HC1-H]-",
    "[M+CH35]+",
    "[M+nh4]+",
    "[M-co2+H]+",
    "[M-co+H]+",
    "[M+NI]2+",
    # dots, blanks and parentheses that part words
    "M+H.Cl",
    "[M+1.5H]+",
    "[M+Na H]+",
    "[M+H2 O+H]+",
    "[M+(H2O+H]+",
    "[M+H2O)+H]+",
    "[M+()+H]+",
    "[M+H]+(H2O)",
    "[M(H2O)+H]+",
]

# glucose C6H12O6 and caffeine C8H10N4O2
GLUCOSE, CAFFEINE = 180.063388, 194.080376
TEXTBOOK = [
    (GLUCOSE, "[M+H]+", 181.0707),
    (GLUCOSE, "[M+Na]+", 203.0526),
    (GLUCOSE, "[M+NH4]+", 198.0972),
    (GLUCOSE, "[M+K]+", 219.0265),
    (GLUCOSE, "[M-H]-", 179.0561),
    (GLUCOSE, "[M+Cl]-", 215.0328),
    (GLUCOSE, "[M+HCOO]-", 225.0616),
    (GLUCOSE, "[M+CH3COO]-", 239.0772),
    (GLUCOSE, "[M-H2O+H]+", 163.0601),
    (GLUCOSE, "[2M+Na]+", 383.1160),
    (CAFFEINE, "[M+H]+", 195.0877),
    (CAFFEINE, "[M+2H]2+", 98.0475),
    (CAFFEINE, "[M]+", 194.0798),
    (104.107539, "[M]+", 104.1070),  # choline, drawn as the cation: only the electron is missing
]

elements = st.dictionaries(
    st.sampled_from(["H", "C", "N", "O", "S", "P", "F", "Cl", "Br", "I", "Na", "K", "Li", "Ca", "Si"]),
    st.integers(-9, 9),
    max_size=6,
)
charges = st.integers(-4, 4).filter(bool)
extreme_elements = st.dictionaries(st.sampled_from(["H", "C", "N", "O", "Na", "Cl"]), st.integers(-500, 500), max_size=6)
extreme_charges = st.integers(-99, 99).filter(bool)


def known_adducts():
    table = resources.files("matchms").joinpath("data", "known_adducts_table.csv").read_text(encoding="utf-8-sig")
    return [
        (row["adduct"], int(row["charge"]), float(row["mass_multiplier"]), float(row["correction_mass"]))
        for row in csv.DictReader(table.splitlines())
    ]


@pytest.mark.parametrize(("text", "canonical"), SPELLINGS)
def test_spellings_of_one_ion_become_one(text, canonical):
    assert canonical_adduct(text) == canonical


@pytest.mark.parametrize("canonical", sorted({canonical for _, canonical in SPELLINGS}))
def test_canonical_spelling_is_its_own(canonical):
    assert canonical_adduct(canonical) == canonical


@pytest.mark.parametrize("text", UNREADABLE)
def test_unreadable_adducts_raise_and_are_named(text):
    with pytest.raises(BadAdduct) as caught:
        canonical_adduct(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "ion_mode", "canonical"),
    [
        ("[M]", "positive", "[M]+"),
        ("[M]", "negative", "[M]-"),
        ("Cat", "positive", "[M]+"),
        ("[M+FA]", "negative", "[M+HCOO]-"),
        ("[M+H]", "negative", "[M+H]+"),  # the proton says more than the mode
    ],
)
def test_ion_mode_settles_a_missing_charge(text, ion_mode, canonical):
    assert canonical_adduct(text, ion_mode) == canonical


def test_parse_gives_the_parts():
    ion = parse_adduct("[2M+FA-H]-")
    assert ion == Adduct(2, (("C", 1), ("H", 1), ("O", 2)), -1, ion.delta_mass)
    assert ion.delta_mass == pytest.approx(44.998201, abs=2e-6)


@pytest.mark.parametrize(("mass", "adduct", "mz"), TEXTBOOK)
def test_textbook_mz(mass, adduct, mz):
    assert adduct_mz(mass, adduct) == pytest.approx(mz, abs=6e-5)


@pytest.mark.parametrize(("adduct", "charge", "multiplier", "correction"), known_adducts())
def test_mz_agrees_with_matchms(adduct, charge, multiplier, correction):
    if adduct == "[M+OAc]-":
        correction = 59.013853  # matchms 0.33 states 243.02, which is not acetate
    assert parse_adduct(adduct).charge == charge
    assert adduct_mz(500.0, adduct) == pytest.approx(500.0 * multiplier + correction, abs=2e-4)


def test_matchms_reads_the_same_ions():
    table = resources.files("matchms").joinpath("data", "known_adduct_conversions.csv").read_text(encoding="utf-8-sig")
    # both sides of a correction are the same ion, except where matchms guesses one of several or charges the electron wrongly
    rows = [
        row
        for row in csv.DictReader(table.splitlines())
        if "Ser" not in row["input_adduct"] and "-e" not in row["input_adduct"]
    ]
    differing = [row for row in rows if canonical_adduct(row["input_adduct"]) != canonical_adduct(row["corrected_adduct"])]
    assert len(rows) > 30
    assert differing == []


@given(n=st.integers(1, 4) | st.just(99), composition=elements | extreme_elements, charge=charges | extreme_charges)
def test_spelling_reads_back_to_the_same_ion(n, composition, charge):
    composition = {symbol: count for symbol, count in composition.items() if count}
    text = spell(n, composition, charge)
    ion = parse_adduct(text)
    assert (ion.n_molecules, dict(ion.composition), ion.charge) == (n, composition, charge)
    assert canonical_adduct(text) == text


@pytest.mark.parametrize(
    ("composition", "charge", "text"),
    [
        ({"Cl": 37}, -37, "[M+28Cl+9Cl]37-"),
        ({"C": 13, "H": 1}, 1, "[M+4C+9C+H]+"),
        ({"H": -19}, 1, "[M-19H]+"),
        ({"N": 15, "H": 60}, 15, "[M+6NH4+9NH4]15+"),
        ({"O": 1, "H": 40}, 1, "[M+39H+O+H]+"),
    ],
)
def test_what_would_be_read_otherwise_is_spelled_apart(composition, charge, text):
    assert spell(1, composition, charge) == text
    assert dict(parse_adduct(text).composition) == composition


@given(mass=st.floats(50, 3000), adduct=st.sampled_from([canonical for _, canonical in SPELLINGS]))
def test_mass_to_mz_and_back(mass, adduct):
    ion = parse_adduct(adduct)
    assume(ion.n_molecules * mass + ion.delta_mass > 1)
    assert neutral_mass(adduct_mz(mass, adduct), adduct) == pytest.approx(mass, rel=1e-12)


@given(text=st.text(alphabet="[]()M0123456789+-HCONaKlCat/*.e ", max_size=20))
def test_any_text_gives_an_ion_or_bad_adduct(text):
    try:
        canonical = canonical_adduct(text)
    except BadAdduct:
        return
    assert canonical_adduct(canonical) == canonical
    assert (ion_mode_of(canonical) == "positive") == canonical.endswith("+")


@pytest.mark.parametrize("mass", [0.0, -1.0, math.nan, math.inf])
def test_impossible_masses_are_refused(mass):
    with pytest.raises(BadParameter, match="positive"):
        adduct_mz(mass, "[M+H]+")
    with pytest.raises(BadParameter, match="positive"):
        neutral_mass(mass, "[M+H]+")


def test_an_ion_cannot_lose_more_than_it_weighs():
    with pytest.raises(BadParameter, match="loses more"):
        adduct_mz(100.0, "[M-C6H10O5+H]+")
