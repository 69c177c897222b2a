"""Which of the ions that a run states is the precursor, in any order, and what is never taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.fields.isolation import Isolation, Precursor, SelectedIon, choose_precursor, window


def isolated(*mz, target=None, half=None, **more):
    lower, upper = window(target, half, half)
    return Isolation(ions=[SelectedIon(one) for one in mz], target=target, lower=lower, upper=upper, **more)


FIRST = isolated(764.4, target=764.4, half=1.0, from_level=1, energy="30 eV")
SECOND = isolated(310.2, target=310.2, half=0.5, from_level=2, energy="45 eV")


@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
def test_of_an_ms3_spectrum_the_one_isolated_from_ms2(order):
    assert choose_precursor(order, 3) == Precursor(310.2, None, 309.7, 310.7, "45 eV", None)


@pytest.mark.parametrize(
    ("isolations", "ms_level", "mz", "doubt"),
    [
        ([], 2, None, None),
        ([isolated(200.0)], 2, 200.0, None),
        ([isolated(200.0)], None, 200.0, None),
        ([isolated(200.0)], 3, 200.0, None),
        ([isolated(200.0, from_level=2)], 2, 200.0, None),  # a repeated scan refers to the one before
        ([isolated(200.0, from_level=1)], 3, None, "precursor_level_unknown"),  # that of the MS2 spectrum alone
        ([isolated(200.0, from_level=1), isolated(100.0)], 3, 100.0, None),  # the other one is left
        ([isolated(200.0, from_level=1), isolated(100.0), isolated(90.0)], 3, None, "precursor_level_unknown"),
        ([isolated(200.0), isolated(100.0)], 3, None, "precursor_level_unknown"),
        ([isolated(200.0, stage=1), isolated(100.0, stage=2)], 3, 100.0, None),
        ([isolated(100.0, stage=3), isolated(200.0, stage=2)], 3, 100.0, None),
        ([isolated(200.0, stage=1), isolated(100.0)], 3, None, "precursor_level_unknown"),
        ([isolated(300.0, from_level=1), isolated(200.0, from_level=2), isolated(100.0, from_level=3)], 4, 100.0, None),
        ([isolated(200.0), isolated(300.0)], 2, None, "several_precursors"),
        ([isolated(200.0, from_level=2), isolated(300.0, from_level=2)], 3, None, "several_precursors"),
        ([isolated(200.0), isolated(200.0)], 2, 200.0, None),  # one, written twice
        ([isolated(96.04, target=98.06, half=0.5)], 2, 98.06, "precursor_outside_window"),
        ([isolated(97.56, target=98.06, half=0.5)], 2, 97.56, None),  # at the edge
        ([isolated(98.065, target=98.06, half=0.0)], 2, 98.065, None),  # a window of no width is unknown
        ([isolated(0.0, target=98.06, half=0.5)], 2, 98.06, None),
        ([isolated(None, target=98.06)], 2, 98.06, None),
        ([isolated(None)], 2, None, None),
        ([isolated(96.04, 98.1, target=98.06, half=0.5)], 2, 98.1, None),  # one of two is inside
        ([isolated(97.8, 98.1, target=98.06, half=0.5)], 2, 98.1, "several_selected_ions"),
        ([isolated(97.8, 98.1)], 2, 97.8, "several_selected_ions"),
    ],
)
def test_choice(isolations, ms_level, mz, doubt):
    found = choose_precursor(isolations, ms_level)
    assert (found.precursor_mz, found.flags) == (mz, [doubt] if doubt else None)
    assert doubt is None or doubt in REASONS


def test_of_several_ions_the_most_intense_where_all_state_it():
    ions = [SelectedIon(200.1, 1, 5.0), SelectedIon(200.4, 2, 50.0)]
    found = choose_precursor([Isolation(ions=ions, target=200.1, lower=199.6, upper=200.6)], 2)
    assert (found.precursor_mz, found.charge, found.flags) == (200.4, 2, ["several_selected_ions"])
    some = [ions[0]._replace(intensity=None), ions[1]]
    assert choose_precursor([Isolation(ions=some, target=200.1, lower=199.6, upper=200.6)], 2).precursor_mz == 200.1


def test_charges_that_contradict_each_other_are_unknown():
    ions = [SelectedIon(200.1, 1), SelectedIon(200.1, 2)]
    assert choose_precursor([Isolation(ions=ions)], 2) == Precursor(200.1)


@pytest.mark.parametrize(
    ("stated", "bounds"),
    [
        ((200.0, 0.5, 0.7), (199.5, 200.7)),
        ((200.0, -0.5, 0.5), (199.5, 200.5)),  # some converters write the lower offset with its sign
        ((200.0, 0.0, 0.0), (None, None)),
        ((None, 0.5, 0.5), (None, None)),
        ((200.0, None, 0.5), (None, None)),
        ((0.0, 0.5, 0.5), (None, None)),
    ],
)
def test_windows(stated, bounds):
    assert window(*stated) == bounds


MZ = st.floats(50.0, 1500.0)
ISOLATIONS = st.builds(
    isolated,
    st.none() | MZ,
    target=st.none() | MZ,
    half=st.none() | st.floats(0.0, 20.0),
    from_level=st.none() | st.integers(1, 4),
    stage=st.none() | st.integers(1, 4),
)


@given(st.lists(ISOLATIONS, max_size=4), st.sampled_from([None, 2, 3, 4]))
def test_a_precursor_is_one_that_is_stated_and_lies_in_its_window(isolations, ms_level):
    found = choose_precursor(isolations, ms_level)
    stated = {ion.mz for isolation in isolations for ion in isolation.ions} | {isolation.target for isolation in isolations}
    assert found.precursor_mz is None or found.precursor_mz in stated
    if found.precursor_mz is not None and found.isolation_window_lower is not None:
        assert found.isolation_window_lower - 0.011 <= found.precursor_mz <= found.isolation_window_upper + 0.011


@given(st.lists(MZ, min_size=2, max_size=4, unique=True), st.randoms(use_true_random=False), st.booleans())
def test_the_last_of_a_chain_in_any_order(chain, chance, with_references):
    isolations = [
        isolated(mz, from_level=level) if with_references else isolated(mz, stage=level)
        for level, mz in enumerate(chain, start=1)
    ]
    shuffled = chance.sample(isolations, len(isolations))
    assert choose_precursor(shuffled, len(chain) + 1) == Precursor(chain[-1])


def test_the_precursor_has_the_intensity_of_its_ion():
    assert choose_precursor([Isolation(ions=[SelectedIon(200.1, 1, 5e4)])], 2).precursor_intensity == 5e4
    assert choose_precursor([Isolation(target=200.1)], 2).precursor_intensity is None
