"""The precursor m/z that searches use: as stated or computed, and what is said of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.errors import BadParameter
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.spectra.precursor import PrecursorTolerance, as_precursor_tolerance, decide_precursor, precursor_tolerance
from spectradb.udfs.structures import read_structure

CAFFEINE = read_structure("Cn1c(=O)c2c(ncn2C)n(C)c1=O", None, None)
PROTONATED, SODIATED = 195.087652, 217.069597


def decided(stated, *, structure=CAFFEINE, adduct="[M+H]+", is_reference=True, **tolerance):
    found = decide_precursor(stated, structure, adduct, is_reference=is_reference, tolerance=PrecursorTolerance(**tolerance))
    assert found.change is None or found.change in REASONS
    return found


@pytest.mark.parametrize(
    ("stated", "mz", "source", "check", "change"),
    [
        (195.0877, 195.0877, "stated", "agrees", None),
        (195.09, 195.09, "stated", "agrees", None),
        (195.0, PROTONATED, "computed", "disagrees", "precursor_disagrees"),
        (231.0, PROTONATED, "computed", "disagrees", "precursor_disagrees"),
        (None, PROTONATED, "computed", "computed", "precursor_computed"),
        (0.0, PROTONATED, "computed", "computed", "precursor_computed"),
        (math.nan, PROTONATED, "computed", "computed", "precursor_computed"),
        (217.0696, 217.0696, "stated", "disagrees", "precursor_fits_other_adduct"),
        (217.1, PROTONATED, "computed", "disagrees", "precursor_disagrees"),  # not exact enough to be the other
        (204.1442, 204.1442, "stated", "disagrees", "precursor_fits_labels"),  # caffeine-d9 drawn without its labels
        (198.0977, 198.0977, "stated", "disagrees", "precursor_fits_labels"),  # three 13C
        (196.0910, PROTONATED, "computed", "disagrees", "precursor_disagrees"),  # one 13C: an isotope peak as well
    ],
)
def test_a_record_of_a_library(stated, mz, source, check, change):
    found = decided(stated)
    assert found.precursor_mz == pytest.approx(mz, abs=1e-6)
    assert (found.precursor_source, found.precursor_check, found.change) == (source, check, change)
    assert found.precursor_mz_computed == pytest.approx(PROTONATED, abs=1e-6)
    assert found.precursor_mz_stated == (stated if stated and stated > 0 else None)


@pytest.mark.parametrize("stated", [195.0877, 195.0, 231.0, 217.0696])
def test_a_spectrum_of_a_study_keeps_what_was_measured(stated):
    found = decided(stated, is_reference=False)
    assert (found.precursor_mz, found.precursor_source) == (stated, "stated")
    assert found.precursor_mz_computed == pytest.approx(PROTONATED, abs=1e-6)


def test_a_spectrum_of_a_study_that_states_none_gets_the_computed_one():
    found = decided(None, is_reference=False)
    assert found.precursor_mz == pytest.approx(PROTONATED, abs=1e-6)
    assert (found.precursor_source, found.change) == ("computed", "precursor_computed")


@pytest.mark.parametrize(
    ("adduct", "stated", "mz"),
    [
        ("[2M+H]+", 389.0, 389.168028),
        ("[2M+Na]+", 411.0, 411.149972),
        ("[M+2H]2+", 98.0, 98.047464),
        ("[M-H]-", 193.0, 193.073099),
        ("[M+HCOO]-", 239.0, 239.078578),
        ("[M-H2O+H]+", 177.0, 177.077087),
    ],
)
def test_every_adduct(adduct, stated, mz):
    found = decided(stated, adduct=adduct)
    assert found.precursor_mz == pytest.approx(mz, abs=1e-6)
    assert found.precursor_source == "computed"


def test_labels_of_a_dimer_and_of_a_doubly_charged_ion():
    # d9 in each molecule; d9 over two charges.
    assert decided(389.168028 + 18 * 1.0062767, adduct="[2M+H]+").change == "precursor_fits_labels"
    assert decided(98.047464 + 4.5 * 1.0062767, adduct="[M+2H]2+").change == "precursor_fits_labels"


def test_the_largest_organic_part_of_a_salt_unless_the_record_tells_which():
    salt = read_structure("CC(C)NCC(O)COc1cccc2ccccc12.Cl", None, None)
    assert decided(None, structure=salt).precursor_mz == pytest.approx(260.164505, abs=1e-6)
    assert decided(296.1412, structure=salt).precursor_mz == pytest.approx(260.164505, abs=1e-6)  # with its chloride
    both = read_structure("CC(C)Cc1ccc(cc1)C(C)C(=O)O.NCCCCC(N)C(=O)O", None, None)  # ibuprofen lysine
    assert decided(None, structure=both).precursor_mz is None
    assert decided(147.1128, structure=both).precursor_check == "agrees"
    assert decided(207.1380, structure=both).precursor_check == "agrees"
    assert decided(150.0, structure=both)[:5] == (150.0, 150.0, None, "stated", "unchecked")
    assert decided(150.0, structure=both).change == "ion_unclear"


def test_a_permanent_charge_that_the_adduct_does_not_count():
    choline = read_structure("C[N+](C)(C)CCO", None, None)
    assert decided(None, structure=choline, adduct="[M]+").precursor_mz == pytest.approx(104.106990, abs=1e-6)
    found = decided(105.1, structure=choline, adduct="[M+H]+")
    assert (found.precursor_mz, found.precursor_check, found.change) == (105.1, "unchecked", "ion_unclear")
    assert decided(None, structure=choline, adduct="[M+H]+").precursor_mz is None


@pytest.mark.parametrize(("structure", "adduct"), [(None, "[M+H]+"), (CAFFEINE, None)])
def test_nothing_to_compute_from(structure, adduct):
    assert decided(195.0, structure=structure, adduct=adduct) == (195.0, 195.0, None, "stated", "unchecked", None)
    assert decided(None, structure=structure, adduct=adduct).precursor_mz is None


@given(st.floats(50.0, 2000.0), st.booleans(), st.floats(0.0, 1.0), st.floats(0.0, 100.0))
def test_what_is_searched_is_what_is_stated_or_what_is_computed(stated, is_reference, da, ppm):
    found = decided(stated, is_reference=is_reference, da=da, ppm=ppm)
    chosen = found.precursor_mz_stated if found.precursor_source == "stated" else found.precursor_mz_computed
    assert found.precursor_mz == chosen
    assert found.precursor_mz_stated == stated
    agrees = PrecursorTolerance(da=da, ppm=ppm).covers(stated, found.precursor_mz_computed)
    assert (found.precursor_check == "agrees") == agrees
    if not is_reference:
        assert found.precursor_source == "stated"


def test_a_tolerance_one_can_set():
    assert decided(195.09, da=0.0, ppm=5.0).precursor_source == "computed"
    assert decided(195.0, da=0.2).precursor_source == "stated"
    assert decided(195.0877, da=0.0, ppm=0.0).precursor_source == "computed"


@pytest.mark.parametrize(
    ("text", "da", "ppm"),
    [
        ("0.02 Da", 0.02, 0.0),
        ("10ppm", 0.0, 10.0),
        ("0.01 Da, 20 ppm", 0.01, 20.0),
        ("20 PPM,.01 da", 0.01, 20.0),
        ("0 ppm", 0.0, 0.0),
    ],
)
def test_tolerances_as_text(text, da, ppm):
    assert precursor_tolerance(text) == PrecursorTolerance(da=da, ppm=ppm) == as_precursor_tolerance(text)


@pytest.mark.parametrize("text", ["", "10", "0,01 Da", "-1 ppm", "1_0 ppm", "nan Da", "1 Da, 2 Da", "10 ppm,", "\u0661 Da"])
def test_texts_that_are_no_tolerance(text):
    with pytest.raises(BadParameter, match="cannot be read"):
        precursor_tolerance(text)


def test_a_tolerance_without_meaning():
    with pytest.raises(BadParameter, match="must be 0 or more"):
        PrecursorTolerance(da=-1.0)
    with pytest.raises(BadParameter, match="finite"):
        PrecursorTolerance(ppm=math.inf)


def test_the_default_tolerance():
    assert as_precursor_tolerance(None) == PrecursorTolerance(da=0.01, ppm=20.0)
    assert as_precursor_tolerance(PrecursorTolerance(da=1.0)) == PrecursorTolerance(da=1.0)
