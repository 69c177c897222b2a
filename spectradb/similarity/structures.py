"""Structures as fingerprints, and how alike two of them are: the Tanimoto similarity of Morgan and of path fingerprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Sequence

    Bits = npt.NDArray[np.uint8]
    Singles = npt.NDArray[np.float32]

Chem = late("rdkit.Chem")
generators = late("rdkit.Chem.rdFingerprintGenerator")
base = late("rdkit.rdBase")

#: Bits of each of the two fingerprints.
N_BITS = 2048
MORGAN, PATHS = slice(0, N_BITS), slice(N_BITS, 2 * N_BITS)
#: How they are made, for the record.
FINGERPRINTS = {"morgan": {"radius": 2, "bits": N_BITS}, "rdkit_paths": {"bits": N_BITS}}


def fingerprint_bits(smiles: Sequence[str]) -> Bits:
    """Compute the fingerprints of structures.

    Parameters
    ----------
    smiles : sequence of str
        n structures.

    Returns
    -------
    numpy.ndarray of shape (n, 4096), uint8
        RDKit's Morgan fingerprint of radius 2 and its path fingerprint, 2,048 bits each, side by side; a row of zeros where a
        structure cannot be read, which is like nothing, itself included.
    """
    bits = np.zeros((len(smiles), 2 * N_BITS), dtype=np.uint8)
    morgan = generators.GetMorganGenerator(radius=2, fpSize=N_BITS)
    paths = generators.GetRDKitFPGenerator(fpSize=N_BITS)
    with base.BlockLogs():
        for row, text in zip(bits, smiles, strict=True):
            molecule = Chem.MolFromSmiles(text) if text else None
            if molecule is not None and molecule.GetNumAtoms():
                row[MORGAN] = morgan.GetFingerprintAsNumPy(molecule)
                row[PATHS] = paths.GetFingerprintAsNumPy(molecule)
    return bits


def tanimoto(left: Bits, right: Bits) -> Singles:
    """Compare fingerprints of one kind.

    Parameters
    ----------
    left, right : numpy.ndarray of shape (n, bits) and (m, bits), uint8
        Fingerprints.

    Returns
    -------
    numpy.ndarray of shape (n, m), float32
        Shared bits over bits of either; 0 for two without bits.
    """
    first, second = left.astype(np.float32), right.astype(np.float32)
    shared = first @ second.T
    either = first.sum(axis=1)[:, None] + second.sum(axis=1)[None, :] - shared
    alike: Singles = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return alike


def mean_tanimoto(left: Bits, right: Bits) -> Singles:
    """Compare structures by the mean of their two similarities.

    Parameters
    ----------
    left, right : numpy.ndarray of shape (n, 4096) and (m, 4096), uint8
        From :func:`fingerprint_bits`.

    Returns
    -------
    numpy.ndarray of shape (n, m), float32
        Mean of the Tanimoto similarities by Morgan and by path fingerprints.
    """
    return (tanimoto(left[:, MORGAN], right[:, MORGAN]) + tanimoto(left[:, PATHS], right[:, PATHS])) / np.float32(2.0)
