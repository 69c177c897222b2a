import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.fields.collision_energy import parse_collision_energy


@pytest.mark.parametrize(
    ("text", "ev", "nce"),
    [
        ("40", 40.0, None),
        ("6V", 6.0, None),
        ("20 eV", 20.0, None),
        ("10 ev", 10.0, None),
        ("1.6 eV", 1.6, None),
        ("0.0eV", 0.0, None),
        ("CE 20 eV", 20.0, None),
        ("CE60", 60.0, None),
        ("3 kV", 3000.0, None),
        ("-20", 20.0, None),
        ("-35 V", 35.0, None),
        ("30 volts", 30.0, None),
        ("30 V (ramped)", 30.0, None),
        ("Ramp 5-60 V", 32.5, None),
        ("RAMP 10-30 eV", 20.0, None),
        ("Ramp 22,9-34.3 eV", 28.6, None),
        ("Ramp 17.2-25.8 eV 30 eV", 21.5, None),
        ("30-50", 40.0, None),
        ("20 - 40 eV", 30.0, None),
        ("6->10V", 8.0, None),
        ("20,35,50", 35.0, None),
        ("30.0,50.0,70.0", 50.0, None),
        ("stepped 20;40;60 eV", 40.0, None),
        ("[15.0, 30.0]", 22.5, None),
        ("0.60/0.55", 0.575, None),
        ("20eV HCD", 20.0, None),
        ("30%", None, 30.0),
        ("30 % (nominal)", None, 30.0),
        ("15 (nominal)", None, 15.0),
        ("35 (NCE)", None, 35.0),
        ("40.0 NCE", None, 40.0),
        ("NCE 20", None, 20.0),
        ("HCD 30", None, 30.0),
        ("75 HCD", None, 75.0),
        ("20HCD", None, 20.0),
        ("25,60,100% (stepped)", None, 61.6667),
        ("Ramp 20%-70% (nominal)", None, 45.0),
        ("HCD (NCE 20-30-40%)", None, 30.0),
        ("42% (nominal) with stepped collision energies 30% and 55%", None, 42.0),
        ("NCE=35% 28eV", 28.0, 35.0),
        # decimal commas, and what may be one
        ("35,0", 35.0, None),
        ("35,05 eV", 35.05, None),
        ("0,35", 0.35, None),
        ("25,5-35,5 eV", 30.5, None),
        ("27,5; 35 eV", 31.25, None),
        ("Ramp 5,5-60,5 V", 33.0, None),
        ("20, 35 eV", 27.5, None),
        ("35.0,45.0", 40.0, None),
        ("20,35", None, None),
        ("35,5 eV", None, None),
        ("NCE 27,5%", None, None),
        ("1e2 eV", 100.0, None),
        ("1eV", 1.0, None),
        (None, None, None),
        ("", None, None),
        ("n.d.", None, None),
        ("ceV", None, None),
    ],
)
def test_spellings(text, ev, nce):
    assert parse_collision_energy(text) == (ev, nce)


@pytest.mark.parametrize(
    "instrument", ["LC-ESI-QFT", "Q Exactive Plus Orbitrap Thermo Scientific LC-ESI-ITFT", "Orbitrap ID-X"]
)
def test_a_bare_number_is_normalised_on_an_orbitrap(instrument):
    assert parse_collision_energy("35", instrument=instrument) == (None, 35.0)
    assert parse_collision_energy("35 eV", instrument=instrument) == (35.0, None)


def test_a_bare_number_is_ev_elsewhere():
    assert parse_collision_energy("35", instrument="TripleTOF 6600 SCIEX LC-ESI-QTOF") == (35.0, None)


@given(st.text(max_size=40) | st.text(alphabet="0123456789.,-> /%eVkvNCERamp()", max_size=40))
def test_never_raises_and_never_gives_nonsense(text):
    for energy in parse_collision_energy(text):
        assert energy is None or 0 <= energy < float("inf")


@given(st.lists(st.integers(1, 200), min_size=1, max_size=5), st.sampled_from([("eV", 0), ("%", 1), (" V", 0), (" NCE", 1)]))
def test_stepped_energies_give_their_mean(steps, unit):
    found = parse_collision_energy((", " if len(steps) == 2 else ",").join(map(str, steps)) + unit[0])
    assert found[unit[1]] == pytest.approx(sum(steps) / len(steps), abs=1e-4)
    assert found[1 - unit[1]] is None
