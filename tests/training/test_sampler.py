import numpy as np
import pytest

from spectradb.errors import NoSpectra
from spectradb.training.sampler import SamplerConfig, WindowSampler


def made(n=3000, seed=0):
    chance = np.random.default_rng(seed)
    analyte = chance.integers(0, 300, n)
    return {
        "analyte": analyte,
        "contributor": chance.integers(0, 4, n),
        # Three analytes share a formula; windows are 15 ppm wide.
        "precursor_mz": (200.0 + analyte // 3) * (1 + 1e-6 * chance.uniform(-3, 3, n)),
        "ion_mode": np.where(analyte % 2, 1, -1).astype(np.int8),
    }


CONFIG = SamplerConfig(batch_size=64, analytes_per_window=2, spectra_per_analyte=3)


def test_batches_are_distinct_rows_and_follow_from_seed_and_step():
    data = made()
    sampler, twin, other = (WindowSampler(**data, config=CONFIG, seed=seed) for seed in (1, 1, 2))
    for step in (0, 1, 7):
        rows = sampler.batch(step)
        assert len(rows) == 64
        assert len(set(rows.tolist())) == 64
        assert rows.tolist() == twin.batch(step).tolist()
        assert rows.tolist() != other.batch(step).tolist()
    assert sampler.batch(0).tolist() != sampler.batch(1).tolist()


def test_windows_hold_several_analytes_and_several_spectra_of_each():
    data = made()
    sampler = WindowSampler(**data, config=CONFIG, seed=1)
    lonely = contested = total = 0
    for step in range(20):
        rows = sampler.batch(step)
        analyte, mode = data["analyte"][rows], data["ion_mode"][rows]
        formula = analyte // 3
        for i in range(len(rows)):
            window = (formula == formula[i]) & (mode == mode[i])
            total += 1
            lonely += (analyte == analyte[i]).sum() == 1
            contested += len(set(analyte[window])) > 1
    assert lonely / total < 0.1
    # Only analytes of even position in a formula share their polarity with another; windows with two are preferred.
    assert contested / total > 0.75


def test_spectra_of_an_analyte_come_from_different_contributors():
    data = made()
    rows = WindowSampler(**data, config=CONFIG, seed=1).batch(0)
    for analyte in set(data["analyte"][rows].tolist()):
        taken = rows[data["analyte"][rows] == analyte]
        available = len(set(data["contributor"][data["analyte"] == analyte].tolist()))
        if len(taken) == 3:
            assert len(set(data["contributor"][taken].tolist())) == min(3, available)


def test_limits_hold_for_a_crowded_window():
    n = 400
    chance = np.random.default_rng(0)
    analyte = chance.integers(0, 20, n)
    config = SamplerConfig(batch_size=100, analytes_per_window=5, spectra_per_analyte=2, contrasting_share=1.0)
    sampler = WindowSampler(
        analyte=analyte,
        contributor=chance.integers(0, 3, n),
        precursor_mz=np.full(n, 250.0),
        ion_mode=np.ones(n, np.int8),
        config=config,
        seed=0,
    )
    first = sampler.batch(0)[:10]
    assert len(set(analyte[first].tolist())) == 5
    assert np.bincount(analyte[first]).max() == 2


def test_nothing_to_contrast_is_said():
    alone = {"analyte": np.arange(3), "contributor": np.zeros(3, int), "precursor_mz": np.array([100.0, 200.0, 300.0])}
    with pytest.raises(NoSpectra, match="two spectra"):
        WindowSampler(**alone, ion_mode=np.ones(3, np.int8), config=CONFIG, seed=0)
