"""Simulated fragments: known ions, exact masses, and the behaviour with collision energy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from spectradb.demo.cleavage_rules import BOND_RULES, ELEMENTS, RING_BOND_RULES, bond_efforts, scatter
from spectradb.demo.fragmentation import LOWEST_MZ, MOST_PEAKS, fragment_ions, ionises, simulate_spectrum
from spectradb.demo.metabolites import load_metabolites
from spectradb.demo.molecule_parts import molecule_parts
from spectradb.demo.noise import add_noise
from spectradb.errors import BadParameter, BadStructure

METABOLITES = {m.name: m for m in load_metabolites()}

# Monoisotopic masses (Da) from the atomic mass evaluation, apart from RDKit's table.
MASSES = {
    "C": 12.0,
    "H": 1.00782503223,
    "N": 14.00307400443,
    "O": 15.99491461957,
    "P": 30.97376199842,
    "S": 31.9720711744,
    "Cl": 34.968852682,
}
ELECTRON = 0.000548579909

# Ions that measured spectra of these compounds are known for.
KNOWN_POSITIVE = {
    "phenylalanine": [120.0808, 103.0542, 149.0597],  # -HCOOH, -HCOOH-NH3, -NH3
    "leucine": [86.0964],  # immonium
    "isoleucine": [86.0964, 69.0699],
    "tryptophan": [188.0706, 159.0917, 130.0651],
    "glutamic acid": [84.0444, 102.0550, 130.0499],
    "histidine": [110.0713, 93.0447],
    "arginine": [70.0651, 60.0556, 116.0706, 158.0924],
    "lysine": [84.0808, 130.0863],
    "tyrosine": [136.0757, 119.0491],
    "methionine": [104.0528, 56.0495],
    "choline": [60.0808, 58.0651],
    "phosphocholine": [86.0964, 60.0808, 124.9998, 104.1070],
    "LPC 16:0": [184.0733, 104.1070, 86.0964],
    "acetylcarnitine": [85.0284, 60.0808, 145.0495, 144.1019],
    "palmitoylcarnitine": [85.0284, 341.2686],
    "adenosine": [136.0618],  # the protonated base
    "guanosine": [152.0567],
    "N2-methylguanosine": [166.0723],  # methyl on the base
    "2'-O-methylguanosine": [152.0567],  # methyl on the sugar
    "uridine": [113.0346],
    "caffeine": [138.0662, 110.0713],  # -CH3NCO, then -CO
    "thiamine": [122.0713, 144.0478],
    "naringenin": [153.0182, 147.0441, 119.0491],  # retro-Diels-Alder
    "serotonin": [160.0757],
    "lidocaine": [86.0964],
    "nicotine": [132.0808, 84.0808],
    "cholic acid": [373.2737, 355.2632],  # -2 H2O, -3 H2O
    "glutathione": [84.0444, 162.0219, 179.0485],
    "hippuric acid": [105.0335, 77.0386],
    "spermidine": [72.0808, 112.1121, 129.1386],
    "metformin": [60.0556, 71.0604],
    "warfarin": [163.0390, 251.0703],
    "acetaminophen": [110.0600],
    "atenolol": [116.1070, 190.0863, 74.0600],
    "diclofenac": [278.0134, 250.0185],
}
KNOWN_NEGATIVE = {
    "taurocholic acid": [124.0074],
    "glucose 6-phosphate": [96.9696, 78.9591],
    "adenosine 5'-monophosphate": [78.9591, 96.9696, 134.0472],
    "citric acid": [111.0088, 87.0088],
    "hippuric acid": [134.0612],
    "salicylic acid": [93.0346],  # -CO2
    "ferulic acid": [178.0272, 134.0373, 149.0608],  # -CH3 radical, then -CO2
    "UDP-glucose": [323.0286, 96.9696],
    "ibuprofen": [161.1336],
    "glutamic acid": [128.0353, 102.0561],
    "indoxyl sulfate": [132.0455],
}


def _energies(name, mode, energies=(10.0, 20.0, 40.0)):
    return [simulate_spectrum(METABOLITES[name].mol, mode, energy, np.random.default_rng(0)) for energy in energies]


@pytest.mark.parametrize("name", KNOWN_POSITIVE)
def test_known_positive_ions_appear(name):
    seen = np.concatenate([mz for _, mz, _ in _energies(name, "positive")])
    for known in KNOWN_POSITIVE[name]:
        assert np.abs(seen - known).min() < 1.5e-4, known


@pytest.mark.parametrize("name", KNOWN_NEGATIVE)
def test_known_negative_ions_appear(name):
    seen = np.concatenate([mz for _, mz, _ in _energies(name, "negative")])
    for known in KNOWN_NEGATIVE[name]:
        assert np.abs(seen - known).min() < 1.5e-4, known


@pytest.mark.parametrize(
    ("name", "base_peak"),
    [
        ("phenylalanine", 120.0808),
        ("leucine", 86.0964),
        ("adenosine", 136.0618),
        ("phosphocholine", 86.0964),
        ("serotonin", 160.0757),
    ],
)
def test_base_peak_at_40_ev(name, base_peak):
    _, mz, intensity = _energies(name, "positive")[-1]
    assert mz[np.argmax(intensity)] == pytest.approx(base_peak, abs=1.5e-4)


@pytest.mark.parametrize(
    ("name", "mode", "adduct", "precursor_mz"),
    [
        ("glycine", "positive", "[M+H]+", 76.0393),
        ("glycine", "negative", "[M-H]-", 74.0248),
        ("phenylalanine", "positive", "[M+H]+", 166.0863),
        ("choline", "positive", "[M]+", 104.1070),
        ("thiamine", "positive", "[M]+", 265.1118),
        ("acetylcarnitine", "positive", "[M+H]+", 204.1230),
        ("NAD", "positive", "[M+H]+", 664.1164),
        ("NAD", "negative", "[M-H]-", 662.1018),
        ("diclofenac", "negative", "[M-H]-", 294.0094),
    ],
)
def test_precursor(name, mode, adduct, precursor_mz):
    table = fragment_ions(METABOLITES[name].mol, mode)
    assert table.adduct == adduct
    assert table.precursor_mz == pytest.approx(precursor_mz, abs=1e-4)


def test_all_ions_of_a_small_molecule():
    table = fragment_ions(Chem.MolFromSmiles("NCC(=O)O"), "positive")
    ions = ["".join(f"{e}{n}" for e, n in zip(ELEMENTS, row, strict=True) if n) for row in table.compositions.tolist()]
    # ketenyl ion, COOH+, -H2O, -NH3; the immonium ion at m/z 30 lies below the range
    assert ions == ["C2H1O1", "C1H1O2", "C2H4N1O1", "C2H3O2"]
    np.testing.assert_allclose(table.mz, [41.0022, 44.9971, 58.0287, 59.0128], atol=1e-4)


def test_one_carboxyl_group_is_lost_once():
    mz = fragment_ions(METABOLITES["ibuprofen"].mol, "negative").mz
    anion = 205.1234
    assert np.abs(mz - (anion - 43.9898)).min() < 1e-4  # -CO2
    assert np.abs(mz - (anion - 43.9898 - 46.0055)).min() > 1e-3  # -CO2 -HCOOH would take two
    assert np.abs(mz - (anion - 43.9898 - 18.0106)).min() > 1e-3  # -CO2 -H2O too


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(METABOLITES)), st.sampled_from(["positive", "negative"]))
def test_masses_are_those_of_parts_of_the_precursor(name, mode):
    mol = METABOLITES[name].mol
    if not ionises(mol, mode):
        with pytest.raises(BadParameter, match=f"no ion in {mode} mode"):
            fragment_ions(mol, mode)
        return
    table = fragment_ions(mol, mode)
    sign = 1 if mode == "positive" else -1
    masses = np.array([MASSES[element] for element in ELEMENTS])
    np.testing.assert_allclose(table.mz, table.compositions @ masses - sign * ELECTRON, atol=1e-5)
    assert table.precursor_mz == pytest.approx(table.precursor_composition @ masses - sign * ELECTRON, abs=1e-5)
    assert (table.compositions >= 0).all()
    assert (table.compositions <= table.precursor_composition).all()
    assert (np.diff(table.mz) > 0).all()
    assert (table.mz >= LOWEST_MZ).all()
    assert (table.mz < table.precursor_mz).all()
    assert set(table.path_ion.tolist()) == set(range(len(table.mz)))
    assert (table.path_effort > 0).all()
    assert ((table.path_charge >= 0) & (table.path_charge <= 1)).all()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(METABOLITES)), st.floats(1.0, 120.0), st.integers(0, 2**32 - 1))
def test_spectrum_is_well_formed_and_repeatable(name, energy, seed):
    mol = METABOLITES[name].mol
    precursor_mz, mz, intensity = simulate_spectrum(mol, "positive", energy, np.random.default_rng(seed))
    again = simulate_spectrum(mol, "positive", energy, np.random.default_rng(seed))
    assert again[0] == precursor_mz
    np.testing.assert_array_equal(again[1], mz)
    np.testing.assert_array_equal(again[2], intensity)
    assert 1 <= len(mz) <= MOST_PEAKS
    assert (np.diff(mz) > 0).all()
    assert mz.max() <= precursor_mz
    assert intensity.max() == 1.0
    assert intensity.min() > 0


def test_result_does_not_depend_on_atom_order():
    one = fragment_ions(Chem.MolFromSmiles("NC(Cc1ccccc1)C(=O)O"), "positive")
    other = fragment_ions(Chem.MolFromSmiles("OC(=O)C(N)Cc1ccccc1"), "positive")
    np.testing.assert_array_equal(one.mz, other.mz)
    np.testing.assert_array_equal(one.ion_factor, other.ion_factor)


@pytest.mark.parametrize("name", ["phenylalanine", "adenosine", "naringenin", "LPC 16:0", "cholic acid"])
def test_energy_moves_intensity_from_the_precursor_to_small_fragments(name):
    share, mean_mz = [], []
    for precursor_mz, mz, intensity in _energies(name, "positive"):
        share.append(intensity[mz == precursor_mz].sum() / intensity.sum())
        mean_mz.append(np.average(mz, weights=intensity))
    assert share[0] > share[1] > share[2]
    assert mean_mz[0] > mean_mz[1] > mean_mz[2]


def _cosine(one, other):
    """Cosine of square roots; the simulated masses are exact, so equal ions have equal m/z."""
    a = {round(m, 4): i**0.5 for m, i in zip(one[1], one[2], strict=True)}
    b = {round(m, 4): i**0.5 for m, i in zip(other[1], other[2], strict=True)}
    dot = sum(a[m] * b[m] for m in a.keys() & b.keys())
    return dot / (sum(x * x for x in a.values()) * sum(x * x for x in b.values())) ** 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("leucine", "isoleucine"),
        ("salicylic acid", "4-hydroxybenzoic acid"),
        ("3-hydroxybenzoic acid", "4-hydroxybenzoic acid"),
        ("deoxycholic acid", "chenodeoxycholic acid"),
        ("butyrylcarnitine", "isobutyrylcarnitine"),
    ],
)
def test_isomers_are_similar_and_not_equal(one, other):
    similarity = _cosine(_energies(one, "positive")[1], _energies(other, "positive")[1])
    repeat = _cosine(
        simulate_spectrum(METABOLITES[one].mol, "positive", 20.0, np.random.default_rng(1)), _energies(one, "positive")[1]
    )
    assert 0.6 < similarity < repeat
    assert repeat > 0.99


def test_methyl_on_the_base_and_on_the_sugar_are_told_apart():
    base = fragment_ions(METABOLITES["N2-methylguanosine"].mol, "positive")
    _, mz, intensity = _energies("2'-O-methylguanosine", "positive")[2]
    assert mz[np.argmax(intensity)] == pytest.approx(152.0567, abs=1e-4)
    assert np.abs(base.mz - 166.0723).min() < 1e-4
    assert np.abs(mz - 166.0723).min() > 1e-2


def test_parts_of_a_chain_are_its_connected_pieces():
    mol = Chem.MolFromSmiles("CCO")
    parts = molecule_parts(mol, np.array([1.0, 1.0]), effort_limit=5.0)
    assert {tuple(np.flatnonzero(part).tolist()) for part in parts} == {(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)}


def test_parts_of_a_ring_need_two_broken_bonds():
    mol = Chem.MolFromSmiles("C1CC1")
    parts = molecule_parts(mol, np.ones(3), effort_limit=5.0)
    assert {tuple(np.flatnonzero(part).tolist()) for part in parts} == {(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)}
    unbroken = molecule_parts(mol, np.array([1.0, np.inf, np.inf]), effort_limit=5.0)
    assert unbroken.tolist() == [[True, True, True]]


@pytest.mark.parametrize("name", sorted(METABOLITES)[::12])
def test_parts_are_connected(name):
    mol = METABOLITES[name].mol
    for part in molecule_parts(mol, bond_efforts(mol, "positive"), effort_limit=5.0)[:200]:
        atoms = np.flatnonzero(part).tolist()
        inside = [b.GetIdx() for b in mol.GetBonds() if part[b.GetBeginAtomIdx()] and part[b.GetEndAtomIdx()]]
        reached, grew = {atoms[0]}, True
        while grew:
            before = len(reached)
            for index in inside:
                ends = {mol.GetBondWithIdx(index).GetBeginAtomIdx(), mol.GetBondWithIdx(index).GetEndAtomIdx()}
                if ends & reached:
                    reached |= ends
            grew = len(reached) > before
        assert reached == set(atoms)


def test_double_bonds_and_benzene_do_not_break():
    efforts = bond_efforts(Chem.MolFromSmiles("C=Cc1ccccc1"), "positive")
    assert np.isfinite(efforts).tolist() == [False, True, False, False, False, False, False, False]


def test_every_rule_is_a_valid_pattern_of_one_bond():
    for smarts, *_ in (*BOND_RULES, *RING_BOND_RULES):
        pattern = Chem.MolFromSmarts(smarts)
        assert pattern is not None, smarts
        place = {atom.GetAtomMapNum(): atom.GetIdx() for atom in pattern.GetAtoms()}
        assert pattern.GetBondBetweenAtoms(place[1], place[2]) is not None, smarts


def test_scatter_looks_standard_normal():
    drawn = np.array([scatter(str(i)) for i in range(4000)])
    assert abs(drawn.mean()) < 0.06
    assert abs(drawn.std() - 1.0) < 0.05
    assert scatter("glycine") == scatter("glycine")


@pytest.mark.parametrize(
    ("name", "mode", "possible"),
    [
        ("choline", "positive", True),
        ("choline", "negative", False),
        ("acetylcarnitine", "negative", False),
        ("caffeine", "negative", False),
        ("carnitine", "negative", True),
    ],
)
def test_what_ionises(name, mode, possible):
    assert ionises(METABOLITES[name].mol, mode) is possible


def test_errors_say_what_is_wrong():
    rng = np.random.default_rng(0)
    with pytest.raises(BadParameter, match="energy in eV above 0"):
        simulate_spectrum(METABOLITES["glycine"].mol, "positive", 0.0, rng)
    with pytest.raises(BadParameter, match="no ion in negative mode"):
        simulate_spectrum(METABOLITES["choline"].mol, "negative", 20.0, rng)
    with pytest.raises(BadStructure, match="not Br"):
        simulate_spectrum(Chem.MolFromSmiles("BrCCN"), "positive", 20.0, rng)
    with pytest.raises(BadStructure, match="remove counter-ions"):
        simulate_spectrum(Chem.MolFromSmiles("CC(=O)[O-]"), "negative", 20.0, rng)


MZ, INTENSITY = np.array([60.0, 100.0, 150.0]), np.array([0.001, 1.0, 0.5])


def test_noise_switched_off_changes_nothing():
    mz, intensity = add_noise(
        MZ,
        INTENSITY,
        np.random.default_rng(0),
        highest_mz=200.0,
        mz_error_ppm=0.0,
        intensity_sigma=0.0,
        n_noise_peaks=0,
        detection_limit=0.0,
    )
    np.testing.assert_array_equal(mz, MZ)
    np.testing.assert_array_equal(intensity, INTENSITY)


def test_noise_has_the_stated_size():
    rng = np.random.default_rng(3)
    errors_ppm, factors, missed, extra = [], [], 0, []
    for _ in range(1000):
        mz, intensity = add_noise(
            MZ, INTENSITY, rng, highest_mz=200.0, mz_error_ppm=3.0, intensity_sigma=0.3, n_noise_peaks=4, detection_limit=0.001
        )
        nearest = np.argmin(np.abs(mz - 100.0))
        errors_ppm.append((mz[nearest] / 100.0 - 1.0) * 1e6)
        factors.append(np.log(intensity[nearest]))
        missed += int(np.abs(mz - 60.0).min() > 2e-3)
        extra.append(len(mz))
        assert (np.diff(mz) >= 0).all()
        assert mz.max() <= 200.0
    assert np.std(errors_ppm) == pytest.approx(3.0, rel=0.1)
    assert np.std(factors) == pytest.approx(0.3, rel=0.1)
    assert missed == pytest.approx(500, abs=60)  # a peak at the detection limit is missed half of the time
    assert np.mean(extra) == pytest.approx(4 + 2.5, abs=0.3)


def test_noise_refuses_nonsense():
    rng = np.random.default_rng(0)
    with pytest.raises(BadParameter, match="negative"):
        add_noise(MZ, INTENSITY, rng, highest_mz=200.0, mz_error_ppm=-1.0)
    with pytest.raises(BadParameter, match="no peak above zero"):
        add_noise([], [], rng, highest_mz=200.0)
