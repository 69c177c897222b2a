"""Chemistry for SQL: the functions of ``adducts`` and ``structures`` over Arrow arrays."""

from __future__ import annotations

import pyarrow as pa

from spectradb.errors import BadAdduct, BadParameter
from spectradb.udfs.adducts import adduct_mz, canonical_adduct
from spectradb.udfs.structures import inchikey_2d


def adduct_mz_array(monoisotopic_mass: pa.ChunkedArray, adduct: pa.ChunkedArray) -> pa.Array:
    """Compute m/z from neutral masses and adducts.

    Parameters
    ----------
    monoisotopic_mass : pyarrow.ChunkedArray of float64
        Neutral monoisotopic masses in Da.
    adduct : pyarrow.ChunkedArray of string
        Adducts in any spelling.

    Returns
    -------
    pyarrow.Array of float64
        m/z; NULL where either is NULL, the adduct cannot be read, or takes more from the molecule than it weighs.
    """
    pairs = zip(monoisotopic_mass.to_pylist(), adduct.to_pylist(), strict=True)
    return pa.array([_adduct_mz(mass, text) for mass, text in pairs], type=pa.float64())


def canonical_adduct_array(adduct: pa.ChunkedArray) -> pa.Array:
    """Bring adducts to one spelling.

    Parameters
    ----------
    adduct : pyarrow.ChunkedArray of string
        Adducts in any spelling.

    Returns
    -------
    pyarrow.Array of string
        The one spelling; NULL where the adduct is NULL or cannot be read.
    """
    return pa.array([_canonical_adduct(text) for text in adduct.to_pylist()], type=pa.string())


def inchikey_2d_array(smiles: pa.ChunkedArray) -> pa.Array:
    """Compute the 2D keys of structures.

    Parameters
    ----------
    smiles : pyarrow.ChunkedArray of string
        Structures.

    Returns
    -------
    pyarrow.Array of string
        First 14 characters of the InChIKeys; NULL where a structure is NULL or cannot be read.
    """
    return pa.array([inchikey_2d(text) if text else None for text in smiles.to_pylist()], type=pa.string())


def _adduct_mz(mass: float | None, text: str | None) -> float | None:
    if mass is None or text is None:
        return None
    try:
        return adduct_mz(mass, text)
    except (BadAdduct, BadParameter):
        return None


def _canonical_adduct(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return canonical_adduct(text)
    except BadAdduct:
        return None
