"""SPLASH of many spectra at once, beside the published example, a plain reading of its definition, and MassBank's own."""

import hashlib

import numpy as np
import pyarrow.parquet as pq

from spectradb.ingest.spectra.splash import splashes


def of(*spectra):
    offsets = np.cumsum([0, *(len(peaks) for peaks in spectra)])
    peaks = np.array([peak for peaks in spectra for peak in peaks]).reshape(-1, 2)
    return splashes(offsets, peaks[:, 0], peaks[:, 1]).to_pylist()


def plain(peaks):
    """SPLASH of (m/z, intensity) as its authors describe it."""
    highest = max(height for _, height in peaks)
    scaled = sorted(((mz, height / highest * 100) for mz, height in peaks), key=lambda p: (p[0], -p[1]))

    def bins(chosen, width, levels):
        sums = [sum(height for mz, height in chosen if int(mz / width) % 10 == i) for i in range(10)]
        return "".join(str(int((levels - 1) * s / max(sums) + 1e-7)) for s in sums)

    top = sorted((p for p in scaled if p[1] + 1e-7 >= 10), key=lambda p: (-p[1], p[0]))[:10]
    number, prefix = int(bins(sorted(top), 5, 3), 3), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        prefix = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + prefix
    listed = " ".join(f"{int((mz + 1e-7) * 1e6)}:{int(height + 1e-7)}" for mz, height in scaled)
    return f"splash10-{prefix}-{bins(scaled, 100, 10)}-{hashlib.sha256(listed.encode()).hexdigest()[:20]}"


def test_the_example_that_its_authors_give():
    assert of([(100.0, 1.0), (101.0, 2.0), (102.0, 3.0)]) == ["splash10-0udi-0900000000-f5bf6f6a4a1520a35d4f"]


def test_many_spectra_are_named_as_each_is_by_the_definition():
    rng = np.random.default_rng(5)
    spectra = [
        [(round(mz, 5), round(height, 3)) for mz, height in zip(rng.uniform(40, 1800, n), rng.pareto(1, n) + 0.01, strict=True)]
        for n in rng.integers(1, 60, 80)
    ]
    assert of(*spectra) == [plain(peaks) for peaks in spectra]
    assert of(spectra[0]) == of(spectra[0][::-1]) == of([(mz, 7.5 * height) for mz, height in spectra[0]])


def test_peaks_that_are_none_have_no_part_and_an_empty_spectrum_has_no_name():
    real = [(100.0, 1.0), (101.0, 2.0), (102.0, 3.0)]
    odd = [(np.nan, 1.0), (103.0, 0.0), (-1.0, 4.0), (104.0, np.inf)]
    assert of([], [*real, *odd], odd) == [None, *of(real), None]


def test_massbank_states_the_same(shared_data):
    (file,) = (shared_data / "massbank").glob("*.parquet")
    table = next(pq.ParquetFile(file).iter_batches(3000, columns=["splash", "mz", "intensity"]))
    lists = table.column("mz")
    lengths = np.diff(lists.offsets.to_numpy())
    intensity = table.column("intensity").flatten().to_numpy()
    found = splashes(np.concatenate([[0], np.cumsum(lengths)]), lists.flatten().to_numpy(), intensity).to_pylist()
    stated = [splash for splash, length in zip(table.column("splash").to_pylist(), lengths, strict=True) if length]
    assert stated
    assert [name for name in found if name] == stated
