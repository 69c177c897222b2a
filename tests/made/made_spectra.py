"""Made-up molecules and their spectra as two laboratories would measure them, for tests of the encoder."""

import numpy as np
import pyarrow as pa

from spectradb.arrays.annotated_spectra import COLUMNS
from spectradb.arrays.peak_batch import PeakBatch


def batch_of(*spectra, precursor_mz=None, ion_mode=None):
    """Make a batch of lists of (m/z, intensity)."""
    n = len(spectra)
    return PeakBatch(
        offsets=np.cumsum([0, *map(len, spectra)], dtype=np.int64),
        mz=np.array([mz for spectrum in spectra for mz, _ in spectrum], dtype=np.float64),
        intensity=np.array([intensity for spectrum in spectra for _, intensity in spectrum], dtype=np.float32),
        precursor_mz=np.array([300.0] * n if precursor_mz is None else precursor_mz, dtype=np.float64),
        ion_mode=np.array([1] * n if ion_mode is None else ion_mode, dtype=np.int8),
    )


def random_batch(n, seed=0, longest=30):
    """Make n random spectra of 0 to ``longest`` peaks."""
    chance = np.random.default_rng(seed)
    spectra = []
    for _ in range(n):
        mz = np.sort(chance.uniform(50, 290, chance.integers(0, longest + 1)))
        spectra.append(list(zip(mz, chance.uniform(1, 1000, len(mz)), strict=True)))
    return batch_of(*spectra, precursor_mz=chance.uniform(295, 500, n), ion_mode=chance.choice([-1, 1], n))


def isomer_table(n_windows=12, n_isomers=4, n_spectra=2, n_noise=10, seed=0):
    """Make isomers that differ in two weak peaks below m/z 200, beside strong peaks above that come and go at random.

    A score that weighs all peaks alike is misled, and what has to be learned holds for molecules never seen: peaks above m/z
    200, drawn from one pool for all molecules, say nothing.
    """
    chance = np.random.default_rng(seed)
    rows = {name: [] for name in COLUMNS}
    pool = chance.uniform(200, 290, 30)
    for window in range(n_windows):
        for isomer in range(n_isomers):
            own = chance.uniform(60, 200, 2)
            for laboratory in ("Here", "There", "Yonder"):
                for _ in range(n_spectra):
                    mz = np.concatenate([own, chance.choice(pool, n_noise, replace=False)])
                    intensity = np.concatenate([chance.uniform(5, 20, 2), chance.uniform(20, 100, n_noise)])
                    order = np.argsort(mz)
                    rows["mz"].append(mz[order])
                    rows["intensity"].append(intensity[order].astype(np.float32))
                    rows["precursor_mz"].append(300.0 + window)
                    rows["ion_mode"].append("positive")
                    rows["analyte_id"].append(f"W{window:03d}ISOMER{isomer:04d}")
                    rows["contributor"].append(laboratory)
    n = len(rows["mz"])
    rows["spectrum_id"] = list(range(n))
    rows["peaks_hash"] = list(range(n))
    rows["source_license"] = ["CC0"] * n
    rows["adduct"] = ["[M+H]+"] * n
    rows["instrument_type"] = ["LC-ESI-QTOF"] * n
    rows["collision_energy_ev"] = [20.0] * n
    rows["collision_energy_nce"] = [None] * n
    rows["smiles"] = [None] * n
    return pa.table(rows, schema=pa.schema(COLUMNS))


#: Ends of the molecules of :func:`family_table`, and the m/z of a fragment that tells each.
HEADS = {"OC(=O)": 61.03, "NC": 47.06, "c1ccccc1": 79.05, "ClC": 51.02, "COC(=O)": 75.04}
TAILS = {"O": 33.11, "c1ccncc1": 80.41, "C(=O)N": 60.27, "S": 49.33}


def family_table(lengths=range(1, 6), n_spectra=2, seed=0):
    """Make molecules of a head, a chain and a tail, whose spectra tell head and tail among peaks of noise."""
    chance = np.random.default_rng(seed)
    rows = []
    for h, (head, first) in enumerate(HEADS.items()):
        for t, (tail, last) in enumerate(TAILS.items()):
            for length in lengths:
                for _ in range(n_spectra):
                    peaks = {first: 100.0, last: 80.0} | dict.fromkeys(chance.uniform(90, 140, 3), 20.0)
                    mz = np.array(sorted(peaks))
                    rows.append(
                        {
                            "mz": mz,
                            "intensity": np.array([peaks[x] for x in mz], dtype=np.float32),
                            "precursor_mz": first + last + 14.0157 * length + 60,
                            "ion_mode": "negative" if h == 0 else "positive",
                            "analyte_id": f"HEAD{h}TAIL{t}N{length:03d}",
                            "contributor": "Here",
                            "source_license": "CC0",
                            "adduct": "[M+H]+",
                            "instrument_type": "LC-ESI-QTOF",
                            "collision_energy_ev": 20.0,
                            "smiles": head + "C" * length + tail,
                            "spectrum_id": len(rows),
                            "peaks_hash": len(rows),
                        }
                    )
    return pa.Table.from_pylist(rows, schema=pa.schema(COLUMNS))


def write_arrow(table, file):
    """Write a table as an Arrow IPC file."""
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return file
