"""BinnedEmbedder against its definition, in plain Python one feature at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders import binned_torch
from spectradb.embedders.binned import BinnedEmbedder, entropy_weights, splitmix64
from spectradb.errors import BadParameter

WIDTHS, DIMENSION, MIN_LOSS, PRECURSOR_WEIGHT, PRECURSOR_TOLERANCE = (0.03, 0.2), 512, 0.5, 0.3, 0.02
UNSIGNED = 2**64

Spectrum = tuple[float, list[tuple[float, float]]]


def batch_of(spectra: list[Spectrum]) -> PeakBatch:
    peaks = [peak for _, spectrum in spectra for peak in spectrum]
    return PeakBatch(
        offsets=np.cumsum([0, *(len(spectrum) for _, spectrum in spectra)], dtype=np.int64),
        mz=np.array([mz for mz, _ in peaks], np.float64),
        intensity=np.array([intensity for _, intensity in peaks], np.float32),
        precursor_mz=np.array([precursor for precursor, _ in spectra], np.float64),
        ion_mode=np.zeros(len(spectra), np.int8),
    )


def by_definition(precursor: float, peaks: list[tuple[float, float]]) -> list[float]:
    """Vector before it is scaled to length 1."""
    roots = [math.sqrt(intensity) for _, intensity in peaks]
    total = math.fsum(roots)
    shares = [root / total for root in roots]
    entropy = -math.fsum(share * math.log(share) for share in shares)
    if entropy < 3:
        shares = [share ** (0.25 + 0.25 * entropy) for share in shares]
    vector = [0.0] * DIMENSION
    for (mz, _), share in zip(peaks, shares, strict=True):
        loss = precursor - mz
        weight = share * PRECURSOR_WEIGHT if abs(loss) <= PRECURSOR_TOLERANCE else share
        masses = [(0, mz)] + ([(1, loss)] if loss >= MIN_LOSS else [])
        for kind, mass, width in [
            (kind + 2 * scale, mass, width) for kind, mass in masses for scale, width in enumerate(WIDTHS)
        ]:
            below = math.floor(mass / width)
            above = mass / width - below
            for bin_, part in ((below, 1 - above), (below + 1, above)):
                hashed = splitmix64_by_definition(kind * 2**32 + bin_)
                vector[(hashed >> 32) % DIMENSION] += (-1) ** hashed * weight * part if part else 0.0
    return vector


def splitmix64_by_definition(key: int) -> int:
    z = (key + 0x9E3779B97F4A7C15) % UNSIGNED
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % UNSIGNED
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % UNSIGNED
    return z ^ (z >> 31)


def unit(vector: list[float]) -> np.ndarray:
    norm = math.sqrt(math.fsum(value * value for value in vector))
    return np.array([value / norm if norm else 0.0 for value in vector])


# Whole multiples of 1e-4 Da, as files state masses; the vector itself is continuous in them.
mz_values = st.integers(300_000, 12_000_000).map(lambda tenth_of_mda: tenth_of_mda / 10_000)
intensities = st.integers(1, 1_000_000).map(float)
peak_lists = st.lists(st.tuples(mz_values, intensities), min_size=1, max_size=40)
spectra = st.tuples(mz_values | st.just(math.nan), peak_lists)
batches = st.lists(spectra, min_size=1, max_size=6)


def far_from_cancelling(spectrum: Spectrum) -> bool:
    """Tell whether signs leave something of the vector, so that scaling it to length 1 magnifies no rounding."""
    return math.sqrt(math.fsum(value * value for value in by_definition(*spectrum))) > 1e-3


def test_splitmix64_gives_the_published_first_outputs():
    # First outputs of the generator seeded with 0 and with 1234567, as reference implementations print them.
    assert splitmix64(np.array([0, 1234567])).tolist() == [0xE220A8397B1DCDAF, 6457827717110365317]


def test_literal_vector():
    vector = BinnedEmbedder().embed(
        batch_of([(181.0707, [(85.0284, 20.0), (127.039, 100.0), (163.0601, 45.0), (181.07, 5.0)])])
    )
    assert vector.shape == (1, 512)
    expected = {
        16: 0.42533645,
        51: 0.22554842,
        58: -0.08009329,
        77: -0.16532512,
        80: 0.23264618,
        95: 0.11727946,
        123: -0.03865801,
        153: -0.12111992,
        161: -0.02029545,
        182: -0.12711595,
        209: -0.03769156,
        227: 0.34069476,
        237: -0.23864222,
        238: -0.28556156,
        250: -0.10810852,
        252: -0.36296380,
        300: -0.06049904,
        327: -0.37942114,
        372: -0.16876800,
        392: -0.02555025,
        399: -0.01906739,
        401: 0.00622490,
        431: -0.07146554,
        450: -0.01932900,
        458: -0.08792290,
        492: 0.04061874,
        506: -0.20595416,
    }
    found = {int(slot): float(vector[0, slot]) for slot in np.flatnonzero(vector[0])}
    assert found == pytest.approx(expected, abs=2e-7)


def test_one_peak_lies_in_two_bins_in_proportion():
    # 100.0125 stands a quarter of the way from bin 2000 to bin 2001; nothing is lost from an unknown precursor.
    vector = BinnedEmbedder(bin_widths=(0.05,)).embed(batch_of([(math.nan, [(100.0125, 7.0)])]))[0]
    expected = np.zeros(512)
    for bin_, part in ((2000, 0.75), (2001, 0.25)):
        hashed = splitmix64_by_definition(bin_)
        expected[(hashed >> 32) % 512] += part if hashed % 2 == 0 else -part
    np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-6)


@given(batch=batches)
def test_agrees_with_the_definition(batch):
    found = BinnedEmbedder().embed(batch_of(batch))
    for row, spectrum in zip(found, batch, strict=True):
        if far_from_cancelling(spectrum):
            np.testing.assert_allclose(row, unit(by_definition(*spectrum)), atol=2e-6)


@given(batch=batches, order=st.randoms(use_true_random=False))
def test_permuted_rows_permute_the_vectors(batch, order):
    permutation = list(range(len(batch)))
    order.shuffle(permutation)
    vectors = BinnedEmbedder().embed(batch_of(batch))
    permuted = BinnedEmbedder().embed(batch_of([batch[i] for i in permutation]))
    np.testing.assert_array_equal(permuted, vectors[permutation])


@given(spectrum=spectra.filter(far_from_cancelling), factor=st.floats(1e-6, 1e6))
def test_the_scale_of_intensities_does_not_matter(spectrum, factor):
    precursor, peaks = spectrum
    scaled = (precursor, [(mz, intensity * factor) for mz, intensity in peaks])
    first, second = BinnedEmbedder().embed(batch_of([spectrum, scaled]))
    np.testing.assert_allclose(first, second, atol=1e-5)


@given(batch=st.lists(spectra.filter(far_from_cancelling), min_size=2, max_size=6))
def test_rows_have_unit_norm_and_keep_their_dot_products_in_float16(batch):
    vectors = BinnedEmbedder().embed(batch_of(batch))
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    rounded = vectors.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(rounded @ rounded.T, vectors @ vectors.T, atol=2e-3)


def test_spectra_without_peaks_are_zero_and_leave_their_neighbours_alone():
    peaks = [(90.1, 3.0), (120.3, 9.0)]
    vectors = BinnedEmbedder().embed(batch_of([(200.0, []), (200.0, peaks), (200.0, []), (math.nan, [])]))
    assert not vectors[[0, 2, 3]].any()
    np.testing.assert_array_equal(vectors[1], BinnedEmbedder().embed(batch_of([(200.0, peaks)]))[0])
    assert BinnedEmbedder().embed(batch_of([])).shape == (0, 512)


def test_more_spectra_and_peaks_than_a_chunk_holds():
    batch = [(500.0, [(60.0 + i % 97, 1.0 + i % 5), (80.0 + i % 89, 2.0)]) for i in range(1100)]
    batch.insert(3, (500.0, [(50.0 + i * 0.01, 1.0 + i % 7) for i in range(40_000)]))
    vectors = BinnedEmbedder().embed(batch_of(batch))
    for i in (0, 2, 3, 4, 511, 512, 513, 1024, 1100):
        np.testing.assert_allclose(vectors[i], unit(by_definition(*batch[i])), atol=2e-6)


def test_few_peaks_are_flattened_and_many_are_not():
    def ratio(n_equal_peaks: int) -> float:
        intensity = np.array([16.0, *[1.0] * n_equal_peaks], np.float32)
        weight = entropy_weights(intensity, row=np.zeros(len(intensity), np.int64), n=1)
        return float(weight[0] / weight[1])

    # Square roots 4 and 1: entropy 0.5004 nats, exponent 0.3751; with 40 peaks the entropy exceeds 3, exponent 1.
    assert ratio(1) == pytest.approx(4**0.37510, rel=1e-4)
    assert ratio(40) == pytest.approx(4.0)


def test_losses_share_similarity_between_molecules_of_different_mass():
    # The same losses, 18.01 and 46.005, from two precursors 30.2 Da apart: no fragment in common.
    pair = batch_of([(200.0, [(181.99, 9.0), (153.995, 4.0)]), (230.2, [(212.19, 9.0), (184.195, 4.0)])])
    with_losses, without = BinnedEmbedder().embed(pair), BinnedEmbedder(loss_weight=0.0).embed(pair)
    assert with_losses[0] @ with_losses[1] == pytest.approx(0.5, abs=0.02)  # two losses shared of two losses and two fragments
    assert without[0] @ without[1] == pytest.approx(0.0, abs=1e-6)


def test_the_precursor_is_no_loss():
    peaks = [(300.0, 5.0), (299.6, 5.0), (300.2, 5.0)]
    embedder = BinnedEmbedder(precursor_weight=1.0)
    with_precursor, without = embedder.embed(batch_of([(300.0, peaks), (math.nan, peaks)]))
    np.testing.assert_array_equal(with_precursor, without)


def test_the_precursor_counts_less():
    # Two peaks equally intense, one of them the precursor: their weights are as 1 to 0.3.
    plain, damped = (
        BinnedEmbedder(bin_widths=(0.05,), precursor_weight=weight, loss_weight=0.0).embed(
            batch_of([(300.0, [(100.0, 5.0), (300.0, 5.0)])])
        )[0]
        for weight in (1.0, 0.3)
    )
    assert np.abs(plain[plain != 0]) == pytest.approx(math.sqrt(0.5))
    assert sorted(np.abs(damped[damped != 0])) == pytest.approx([0.3 / math.sqrt(1.09), 1 / math.sqrt(1.09)])


def test_absurd_masses_share_a_bin():
    first, second = BinnedEmbedder().embed(batch_of([(math.nan, [(1e12, 1.0)]), (math.nan, [(1e300, 1.0)])]))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first).sum() == pytest.approx(math.sqrt(2.0))  # one bin on each of two scales


@given(batch=batches)
def test_the_torch_path_agrees_with_numpy(batch):
    batch = [*batch, (100.0, [])]
    embedder = BinnedEmbedder()
    found = binned_torch.embed(batch_of(batch), embedder=embedder, device="cpu")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, embedder.embed(batch_of(batch)), atol=1e-5)


def test_the_torch_path_honours_settings():
    embedder = BinnedEmbedder(dimension=64, bin_widths=(0.1, 0.3, 1.0), loss_weight=0.0, precursor_weight=0.7)
    batch = batch_of([(500.0, [(60.0 + 7.13 * i, 1.0 + i) for i in range(50)])])
    np.testing.assert_allclose(
        binned_torch.embed(batch, embedder=embedder, device="cpu"), embedder.embed(batch), atol=1e-5, strict=True
    )


def test_cuda_agrees_with_cpu():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("PyTorch sees no CUDA device here")
    batch = batch_of([(500.0, [(60.0 + 7.13 * i + j, 1.0 + i) for i in range(j % 50)]) for j in range(300)])
    np.testing.assert_allclose(BinnedEmbedder().embed(batch, device="cuda"), BinnedEmbedder().embed(batch), atol=1e-5)


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("gpu", "'gpu' is not one of cpu, cuda, cuda:<number>"),
        ("meta", "'meta' is not one of cpu"),
        ("cuda:99", r"'cuda:99' is absent: PyTorch sees \d+ CUDA devices here; pass device='cpu'"),
    ],
)
def test_unknown_and_absent_devices(device, message):
    with pytest.raises(BadParameter, match=message):
        BinnedEmbedder().embed(batch_of([(200.0, [(100.0, 1.0)])]), device=device)


@pytest.mark.parametrize(
    "setting",
    [
        {"dimension": 0},
        {"bin_widths": (0.05, 0.0)},
        {"bin_widths": ()},
        {"bin_widths": (math.nan,)},
        {"loss_weight": -0.1},
        {"min_loss": 0.0},
        {"precursor_weight": -1.0},
    ],
)
def test_settings_out_of_range(setting):
    with pytest.raises(BadParameter, match="out of range"):
        BinnedEmbedder(**setting)


def test_every_setting_is_on_record():
    prints = {
        BinnedEmbedder(**setting).fingerprint
        for setting in (
            {},
            {"dimension": 256},
            {"bin_widths": (0.03,)},
            {"loss_weight": 0.0},
            {"min_loss": 0.9},
            {"precursor_weight": 1.0},
            {"precursor_tolerance": 0.1},
        )
    }
    assert len(prints) == 7
    assert BinnedEmbedder().preprocessing == {
        "dimension": 512,
        "bin_widths": [0.03, 0.2],
        "bin_split": "linear",
        "loss_weight": 1.0,
        "min_loss": 0.5,
        "precursor_weight": 0.3,
        "precursor_tolerance": 0.02,
        "intensity": "sqrt",
        "entropy_weighting": {"limit": 3.0, "offset": 0.25, "slope": 0.25},
        "hash": "splitmix64, signed",
    }
