"""The simulated library and study: labels, contents, determinism."""

import csv
from collections import Counter

import numpy as np
import pytest
from matchms.importing import load_from_mgf, load_from_msp

from spectradb.demo.fragmentation import fragment_ions, ionises
from spectradb.demo.metabolites import load_metabolites
from spectradb.demo.simulate import EFFECTS, HELD_OUT, LABEL, simulate_library, simulate_study
from spectradb.errors import BadParameter

METABOLITES = {m.name: m for m in load_metabolites()}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "library.msp"
    n = simulate_library(path)
    return path, n, list(load_from_msp(str(path), metadata_harmonization=False))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    files = simulate_study(tmp_path_factory.mktemp("study") / "new")
    spectra = {path.name: list(load_from_mgf(str(path), metadata_harmonization=False)) for path in files.spectra}
    return files, spectra


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_label_is_the_agreed_one():
    assert LABEL == "simulated by rule-based bond fragmentation"


def test_library_has_every_metabolite_but_the_held_out_ones(library):
    _, n, spectra = library
    expected = Counter()
    for name, metabolite in METABOLITES.items():
        for mode in ("positive", "negative"):
            if name not in HELD_OUT and ionises(metabolite.mol, mode):
                expected[metabolite.inchikey, mode.capitalize()] = 3
    found = Counter((s.get("inchikey"), s.get("ionmode")) for s in spectra)
    assert found == expected
    assert n == len(spectra) == sum(expected.values())


def test_one_of_five_metabolites_is_of_one_laboratory(library):
    _, _, spectra = library
    laboratories = {}
    for s in spectra:
        laboratories.setdefault(s.get("inchikey"), set()).add(s.get("contributor"))
    assert Counter(map(len, laboratories.values())) == {3: 126, 1: 31}
    assert set().union(*laboratories.values()) == {"simulated_lab_1", "simulated_lab_2", "simulated_lab_3"}


def test_library_record_reads_as_written(tmp_path):
    path = tmp_path / "one.msp"
    simulate_library(path, energies=(25,))
    head = path.read_text().split("\n\n")[0].splitlines()
    assert head[:13] == [
        "NAME: glycine",
        "DB#: SIM000001",
        "PRECURSORMZ: 76.03930",
        "PRECURSORTYPE: [M+H]+",
        "IONMODE: Positive",
        "FORMULA: C2H5NO2",
        "SMILES: NCC(=O)O",
        "INCHIKEY: DHMQDGOQFOQNFH-UHFFFAOYSA-N",
        "ONTOLOGY: amino acids",
        "COLLISIONENERGY: 25 eV",
        "INSTRUMENTTYPE: simulated",
        "CONTRIBUTOR: simulated_lab_1",
        "COMMENT: simulated by rule-based bond fragmentation",
    ]
    assert int(head[13].removeprefix("Num Peaks: ")) == len(head) - 14


def test_every_library_spectrum_is_labelled_and_sound(library):
    path, n, spectra = library
    assert path.read_text().count(f"COMMENT: {LABEL}\n") == n
    assert {s.get("collision_energy") for s in spectra} == {"10 eV", "20 eV", "40 eV"}
    assert {s.get("adduct") for s in spectra} == {"[M+H]+", "[M-H]-", "[M]+"}
    assert all(s.get("instrument_type") == "simulated" for s in spectra)
    for spectrum in spectra:
        precursor_mz = float(spectrum.get("precursor_mz"))
        assert spectrum.peaks.mz.max() <= precursor_mz * (1 + 1e-5)
        assert spectrum.peaks.intensities.max() == 999.0


def test_held_out_metabolites_exist_and_many_have_an_isomer_in_the_library():
    assert len(set(HELD_OUT)) == len(HELD_OUT) == 23
    assert set(HELD_OUT) <= set(METABOLITES)
    rest = {m.formula for name, m in METABOLITES.items() if name not in HELD_OUT}
    assert sum(METABOLITES[name].formula in rest for name in HELD_OUT) >= 15


def test_effects_touch_about_twenty_library_metabolites():
    touched = [m for name, m in METABOLITES.items() if m.pathway in EFFECTS and name not in HELD_OUT]
    assert 18 <= len(touched) <= 24


def test_sample_table(study):
    files, _ = study
    rows = _rows(files.samples)
    assert list(rows[0]) == ["file", "sample", "group", "sample_type", "dilution", "dose_mg", "ion_mode", "simulated"]
    assert {(row["group"], row["dilution"], row["dose_mg"]) for row in rows} == {("control", "1", "0"), ("treated", "1", "50")}
    assert [row["file"] for row in rows] == [path.name for path in files.spectra]
    assert Counter(row["group"] for row in rows) == {"control": 6, "treated": 6}
    assert {(row["sample_type"], row["ion_mode"], row["simulated"]) for row in rows} == {("sample", "positive", "true")}


def test_every_study_spectrum_is_labelled_and_sound(study):
    files, spectra = study
    assert sum(len(found) for found in spectra.values()) == files.n_spectra
    for name, found in spectra.items():
        assert 120 <= len(found) <= 200
        assert (
            [s.get("scans") for s in found] == [s.get("feature_id") for s in found] == [str(i + 1) for i in range(len(found))]
        )
        times = [float(s.get("retention_time")) for s in found]
        assert times == sorted(times)
        for spectrum in found:
            assert spectrum.get("comment") == LABEL
            assert spectrum.get("title").startswith(name.removesuffix(".mgf"))
            assert spectrum.get("ms_level") == "2"
            assert len(spectrum.peaks.mz) > 0


def test_truth_names_every_spectrum_and_leaves_noise_empty(study):
    files, spectra = study
    truth = _rows(files.truth)
    assert list(truth[0]) == ["file", "scan", "inchikey", "name"]
    assert [(row["file"], row["scan"]) for row in truth] == [
        (name, spectrum.get("scans")) for name, found in spectra.items() for spectrum in found
    ]
    noise = [row for row in truth if not row["inchikey"]]
    held_out = [row for row in truth if row["name"] in HELD_OUT]
    assert all(row["name"] == "" for row in noise)
    assert len(noise) / len(truth) == pytest.approx(0.05, abs=0.01)
    assert len(held_out) / len(truth) == pytest.approx(0.15, abs=0.01)
    for row in truth:
        if row["name"]:
            metabolite = METABOLITES[row["name"]]
            spectrum = spectra[row["file"]][int(row["scan"]) - 1]
            assert row["inchikey"] == metabolite.inchikey
            expected = fragment_ions(metabolite.mol, "positive").precursor_mz
            pepmass = spectrum.get("pepmass")
            assert float(pepmass[0]) == pytest.approx(expected, rel=1e-5)


def test_treatment_shows_in_the_counts(study):
    files, _ = study
    counts = Counter()
    for row in _rows(files.truth):
        if row["name"] and row["name"] not in HELD_OUT:
            counts[METABOLITES[row["name"]].pathway, row["file"].split("_")[0]] += 1
    assert counts["tryptophan metabolism", "treated"] > 1.5 * counts["tryptophan metabolism", "control"]
    assert counts["acylcarnitines", "control"] > 1.5 * counts["acylcarnitines", "treated"]


def test_scarce_metabolites_have_noisier_spectra(study):
    files, spectra = study
    signal, noise_share = [], []
    for row in _rows(files.truth):
        if row["name"]:
            spectrum = spectra[row["file"]][int(row["scan"]) - 1]
            known = np.append(
                fragment_ions(METABOLITES[row["name"]].mol, "positive").mz,
                fragment_ions(METABOLITES[row["name"]].mol, "positive").precursor_mz,
            )
            near = np.abs(spectrum.peaks.mz[:, None] - known[None, :]).min(axis=1) < 0.005
            signal.append(spectrum.peaks.intensities.max())
            noise_share.append(spectrum.peaks.intensities[~near].sum() / spectrum.peaks.intensities.sum())
    signal, noise_share = np.array(signal), np.array(noise_share)
    weak = signal < np.median(signal)
    assert noise_share[weak].mean() > 2 * noise_share[~weak].mean()


def _greedy_cosine(one, other, tolerance=0.01):
    a, b = np.sqrt(one.intensities), np.sqrt(other.intensities)
    i, j = np.nonzero(np.abs(one.mz[:, None] - other.mz[None, :]) <= tolerance)
    products = a[i] * b[j]
    total, used_a, used_b = 0.0, set(), set()
    for k in np.argsort(-products, kind="stable"):
        if i[k] not in used_a and j[k] not in used_b:
            used_a.add(i[k])
            used_b.add(j[k])
            total += products[k]
    return total / np.sqrt((a**2).sum() * (b**2).sum())


def test_identification_is_neither_trivial_nor_hopeless(library, study):
    _, _, references = library
    files, spectra = study
    references = [s for s in references if s.get("ionmode") == "Positive"]
    precursors = np.array([float(s.get("precursor_mz")) for s in references])
    right, contested = [], []
    for row in _rows(files.truth)[::3]:
        if not row["name"] or row["name"] in HELD_OUT:
            continue
        query = spectra[row["file"]][int(row["scan"]) - 1]
        query_mz = float(query.get("pepmass")[0])
        scores = {}
        for k in np.flatnonzero(np.abs(precursors - query_mz) <= 1e-5 * query_mz):
            key = references[k].get("inchikey")
            scores[key] = max(scores.get(key, 0.0), _greedy_cosine(query.peaks, references[k].peaks))
        best = max(scores, key=lambda key: (scores[key], key))
        right.append(best == row["inchikey"])
        if len(scores) > 1:
            contested.append(right[-1])
    assert 0.85 < np.mean(right) < 0.99
    assert 0.70 < np.mean(contested) < 0.95


def test_same_seed_same_bytes(tmp_path):
    simulate_library(tmp_path / "a.msp")
    simulate_library(tmp_path / "b.msp")
    simulate_library(tmp_path / "c.msp", seed=5)
    assert (tmp_path / "a.msp").read_bytes() == (tmp_path / "b.msp").read_bytes() != (tmp_path / "c.msp").read_bytes()
    first, again, other = (
        simulate_study(tmp_path / name, seed=seed, n_per_group=2) for name, seed in (("x", 3), ("y", 3), ("z", 4))
    )
    for one, two in zip(
        (*first.spectra, first.samples, first.truth), (*again.spectra, again.samples, again.truth), strict=True
    ):
        assert one.read_bytes() == two.read_bytes()
    assert first.spectra[0].read_bytes() != other.spectra[0].read_bytes()


def test_bad_settings(tmp_path):
    with pytest.raises(BadParameter, match="at least one collision energy"):
        simulate_library(tmp_path / "x.msp", energies=())
    with pytest.raises(BadParameter, match="above 0"):
        simulate_library(tmp_path / "x.msp", energies=(10, -1))
    with pytest.raises(BadParameter, match="give 1 or more"):
        simulate_study(tmp_path, n_per_group=0)
    assert not list(tmp_path.iterdir())
