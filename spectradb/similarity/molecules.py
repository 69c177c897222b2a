"""The molecules of annotated spectra: analytes of one two-dimensional structure are one, labelled and charged forms too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.annotated_spectra import two_dimensional_key
from spectradb.similarity.structures import fingerprint_bits

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import TrainingData

    Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Molecules:
    """Molecules of some spectra whose structures can be read.

    Parameters
    ----------
    rows : numpy.ndarray of shape (k,), int64
        Spectra of readable structures: rows of the data.
    molecule : numpy.ndarray of shape (k,), int64
        The molecule of each.
    keys, smiles : list of str
        Two-dimensional key (first block of the InChIKey) and structure of each of m molecules, in the order of keys.
    bits : numpy.ndarray of shape (m, 4096), uint8
        Their fingerprints.
    """

    rows: Rows
    molecule: Rows
    keys: list[str]
    smiles: list[str]
    bits: npt.NDArray[np.uint8]


def molecules_of(data: TrainingData, rows: Rows) -> Molecules:
    """Find the molecules of spectra.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    rows : numpy.ndarray of shape (n,), int64
        Those to look at.

    Returns
    -------
    Molecules
        Those whose structure can be read.
    """
    keys = np.array([two_dimensional_key(name) for name in data.analytes], dtype=object).astype(str)
    used = np.unique(data.analyte[rows])
    # Where a plain and a labelled or charged form share a key, the plain form comes first in the order of names.
    named, first, number = np.unique(keys[used], return_index=True, return_inverse=True)
    smiles = [data.smiles[code] for code in used[first]]
    bits = fingerprint_bits(smiles)
    readable = np.asarray(bits.any(axis=1))
    place = np.where(readable, np.cumsum(readable) - 1, -1)
    of_analyte = np.full(len(data.analytes), -1, dtype=np.int64)
    of_analyte[used] = place[number]
    molecule = of_analyte[data.analyte[rows]]
    return Molecules(
        rows=rows[molecule >= 0],
        molecule=molecule[molecule >= 0],
        keys=named[readable].tolist(),
        smiles=[text for text, good in zip(smiles, readable.tolist(), strict=True) if good],
        bits=bits[readable],
    )
