import dataclasses
import itertools

import pytest
import torch
from made_spectra import batch_of, random_batch

from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.training.augmentation import SUBSTITUENTS, AugmentationConfig, augment, make_analogues, window_groups

NOTHING = AugmentationConfig(
    dropout=0.0,
    intensity_jitter=0.0,
    contrast=0.0,
    ppm_jitter=0.0,
    ppm_shift=0.0,
    noise_peaks=0.0,
    precursor_dropped=0.0,
    cutoff=0.0,
    threshold=0.0,
    merged=0.0,
)


def changed(peaks, partner=None, seed=0, **strengths):
    config = dataclasses.replace(NOTHING, **strengths)
    return augment(peaks, config, generator=torch.Generator().manual_seed(seed), partner=partner)


def wider(peaks, columns):
    padded = {name: torch.nn.functional.pad(getattr(peaks, name), (0, columns)) for name in ("mz", "intensity")}
    return dataclasses.replace(peaks, **padded)


def test_no_strength_is_no_change():
    peaks = pad_peaks(random_batch(30), n_peaks=30)
    same = changed(peaks)
    torch.testing.assert_close(same.mz, peaks.mz)
    torch.testing.assert_close(same.intensity, peaks.intensity)
    torch.testing.assert_close(same.precursor_mz, peaks.precursor_mz)


def test_everything_at_once_leaves_sound_spectra():
    peaks = pad_peaks(random_batch(300), n_peaks=30)
    for seed in range(5):
        config = AugmentationConfig(dropout=1.0, noise_peaks=1.0, cutoff=1.0, precursor_dropped=1.0, merged=1.0)
        partner = torch.randperm(300, generator=torch.Generator().manual_seed(seed))
        new = augment(peaks, config, generator=torch.Generator().manual_seed(seed), partner=partner)
        had = peaks.present.any(dim=1)
        assert new.present[had].any(dim=1).all()
        assert new.mz.shape[1] <= 30
        assert torch.isfinite(new.mz).all()
        assert (new.mz[new.present] > 0).all()
        assert (new.mz[~new.present] == 0).all()
        assert new.intensity.amax(dim=1)[had].tolist() == pytest.approx([1.0] * int(had.sum()))


def test_the_same_seed_gives_the_same():
    peaks = pad_peaks(random_batch(30), n_peaks=30)
    config = AugmentationConfig()
    first, second, third = (augment(peaks, config, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first.mz, second.mz)
    assert first.mz.shape != third.mz.shape or not torch.equal(first.mz, third.mz)


def test_weak_peaks_are_lost_more_often_and_the_base_peak_never():
    peaks = pad_peaks(batch_of(*[[(50.0, 1.0), (60.0, 30.0), (70.0, 100.0)]] * 4000), n_peaks=3)
    new = changed(peaks, dropout=0.8)
    weak, middle, base = ((new.mz == mz).any(dim=1).double().mean().item() for mz in (50.0, 60.0, 70.0))
    # A share u * 0.8 * (1 - sqrt(intensity)) is lost, u uniform: on average 0.36 and 0.18.
    assert weak == pytest.approx(1 - 0.4 * 0.9, abs=0.03)
    assert middle == pytest.approx(1 - 0.4 * (1 - 0.3**0.5), abs=0.03)
    assert base == 1.0


def test_masses_move_by_the_stated_ppm():
    peaks = pad_peaks(batch_of(*[[(100.0, 1.0), (200.0, 1.0)]] * 4000), n_peaks=2)
    jittered = changed(peaks, ppm_jitter=4.0)
    deviation = (jittered.mz / peaks.mz - 1) * 1e6
    assert deviation.std().item() == pytest.approx(4.0, rel=0.1)
    assert torch.equal(jittered.precursor_mz, peaks.precursor_mz)
    shifted = changed(peaks, ppm_shift=4.0)
    deviation = (shifted.mz / peaks.mz - 1) * 1e6
    assert deviation[:, 0].std().item() == pytest.approx(4.0, rel=0.1)
    torch.testing.assert_close(deviation[:, 0], deviation[:, 1], atol=1e-6, rtol=0)


def test_the_precursor_goes_and_fragments_stay():
    peaks = pad_peaks(batch_of([(100.0, 1.0), (299.9, 9.0), (301.0, 2.0)], [(300.0, 1.0)]), n_peaks=3)
    new = changed(peaks, precursor_dropped=1.0)
    assert new.mz.tolist() == [[100.0], [300.0]]  # a spectrum of nothing else keeps it


def test_noise_is_weak_below_the_precursor_and_as_much_as_stated():
    peaks = pad_peaks(random_batch(2000), n_peaks=60)
    new = changed(wider(peaks, 30), noise_peaks=0.2)
    added = new.lengths.sum() - peaks.lengths.sum()
    assert added.item() == pytest.approx(0.2 * peaks.lengths.sum().item(), rel=0.1)
    assert (new.mz <= new.precursor_mz[:, None]).all()
    assert (new.lengths[peaks.lengths == 0] == 0).all()


def test_merging_adds_the_partners_peaks_and_joins_those_of_one_mass():
    peaks = wider(pad_peaks(batch_of([(100.0, 8.0), (150.0, 4.0)], [(100.0005, 2.0), (170.0, 4.0)]), n_peaks=2), 1)
    new = changed(peaks, partner=torch.tensor([1, 1]), merged=1.0)
    assert new.mz[0].tolist() == [100.0, 150.0, 170.0]
    assert new.mz[1].tolist() == [100.0005, 170.0, 0.0]
    assert new.intensity[0, 1] < 0.5  # the sum of two peaks is the base peak now
    torch.testing.assert_close(new.intensity[1], torch.tensor([0.5, 1.0, 0.0]))


def test_groups_are_linked_precursors_of_one_mode():
    precursor = torch.tensor([300.0, 400.0, 300.006, 300.003, 400.0], dtype=torch.float64)
    mode = torch.tensor([1, 1, 1, 1, -1])
    # 300.003 links its neighbours, 10 ppm away on either side.
    a, b, c, d, e = window_groups(precursor, mode, window_ppm=12.0).tolist()
    assert a == c == d
    assert len({a, b, e}) == 3


def test_analogues_keep_what_tells_spectra_of_a_window_apart():
    shared = [(120.0, 3.0), (150.0, 5.0), (200.0, 9.0)]
    spectra = [shared, [*shared, (210.0, 4.0)], shared, shared]
    peaks = pad_peaks(batch_of(*spectra, precursor_mz=[300.0, 300.0, 400.0, 400.0]), n_peaks=4)
    group = torch.tensor([0, 0, 1, 1])
    shifts = set()
    for seed in range(60):
        new = make_analogues(peaks, group, probability=1.0, generator=torch.Generator().manual_seed(seed))
        assert new.mz[0, :3].tolist() == new.mz[1, :3].tolist()
        assert new.mz[2].tolist() == new.mz[3].tolist()
        assert new.precursor_mz[0] == new.precursor_mz[1]
        assert (new.mz[~peaks.present] == 0).all()
        moved = [round(value, 6) for value in (new.mz - peaks.mz)[0, :3].tolist()]
        assert moved == sorted(moved, key=abs)  # none, or those above a threshold, by the same mass
        assert set(moved) <= {0.0, moved[2]}
        shifts.add(round(moved[2], 5))
    assert len(shifts) > 20
    combinations = {
        round(sum(n * mass for n, mass in zip(counts, SUBSTITUENTS, strict=True)), 5)
        for counts in itertools.product((-1, 0, 1, 2), repeat=4)
    }
    assert shifts <= combinations | {0.0}


def test_groups_that_are_not_chosen_stay():
    peaks = pad_peaks(random_batch(20), n_peaks=30)
    same = make_analogues(peaks, torch.arange(20), probability=0.0, generator=torch.Generator().manual_seed(0))
    assert torch.equal(same.mz, peaks.mz)
    assert torch.equal(same.precursor_mz, peaks.precursor_mz)
