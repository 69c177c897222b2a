"""Identities: the hashes by which spectra, structures and imports are told apart, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_REMEMBERED_STRUCTURES = 4096
_FLOATING = ("float", "double")
_STRUCTURE = ("analyte_id", "inchikey", "smiles", "name", "formula", "pubchem_cid")  # as structure_id() takes them

#: The columns of harmonised spectra whose values make two records of one identifier two versions.
RECORD_COLUMNS = (
    *("peaks_hash", "ms_level", "precursor_mz", "precursor_mz_stated", "charge", "ion_mode", "adduct", "collision_energy"),
    *("instrument", "instrument_type", "contributor", "source_license", "retention_time_s", "name", "smiles", "inchikey"),
    *("analyte_id", "formula", "pubchem_cid"),
)


def hash63(*parts: object) -> int:
    """Hash a tuple of values to a non-negative 63-bit integer, which every database and language can hold.

    Parameters
    ----------
    *parts : object
        Values with a stable ``str``; None differs from the empty string.

    Returns
    -------
    int
        The hash. Among two million values a collision has a probability of 2e-7.
    """
    text = "\x1f".join(["\x00" if part is None else str(part) for part in parts])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def named_analyte(name: str) -> str:
    """Name the analyte of records that state a name and no structure; names that differ in case and blanks only are one.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    str
        ``name:`` and 16 hexadecimal digits.
    """
    return f"name:{hash63(' '.join(name.casefold().split())):016x}"


@lru_cache(maxsize=_REMEMBERED_STRUCTURES)
def structure_id(
    analyte_id: str | None, inchikey: str | None, smiles: str | None, name: str | None, formula: str | None, cid: int | None
) -> int | None:
    """Name a structure as one source states it.

    Parameters
    ----------
    analyte_id, inchikey, smiles, name, formula : str or None
        What the source states, harmonised.
    cid : int or None
        PubChem compound id.

    Returns
    -------
    int or None
        63-bit hash; None without an analyte.
    """
    return None if analyte_id is None else hash63(analyte_id, inchikey, smiles, name, formula, cid)


def record_hashes(spectra: pa.Table) -> list[int]:
    """Hash everything that makes a record, so that a corrected one differs from the one it corrects.

    Numbers count to 4 decimals, as in the hash of peaks, so that another print of a record is no other version. The intensity
    scale, the place in the file and the identifier take no part.

    Parameters
    ----------
    spectra : pyarrow.Table
        Harmonised spectra, with the columns of :data:`RECORD_COLUMNS`.

    Returns
    -------
    list of int
        One 63-bit hash each.
    """
    columns = [_rounded(spectra[name]) for name in RECORD_COLUMNS]
    return [hash63(*values) for values in zip(*columns, strict=True)]


def _rounded(column: pa.ChunkedArray) -> list[Any]:
    values = column.to_pylist()
    return [value and round(value, 4) for value in values] if str(column.type) in _FLOATING else values


def identified(spectra: pa.Table) -> pa.Table:
    """Give harmonised spectra the ids of their structures and the hashes of their records.

    Parameters
    ----------
    spectra : pyarrow.Table
        Harmonised spectra.

    Returns
    -------
    pyarrow.Table
        The same with ``structure_id`` and ``record_hash``.
    """
    structures = [structure_id(*values) for values in zip(*(spectra[name].to_pylist() for name in _STRUCTURE), strict=True)]
    found = spectra.append_column("structure_id", pa.array(structures, pa.int64()))
    return found.append_column("record_hash", pa.array(record_hashes(spectra), pa.int64()))


def structures_of(spectra: pa.Table) -> dict[int, dict[str, object]]:
    """Gather the structures of spectra.

    Parameters
    ----------
    spectra : pyarrow.Table
        From :func:`identified`.

    Returns
    -------
    dict of int to dict
        Rows of the record's ``structures`` by their id.
    """
    names = ["structure_id", *_STRUCTURE, "monoisotopic_mass"]
    distinct = spectra.select(names).group_by(names).aggregate([]).to_pylist()
    return {row["structure_id"]: row for row in distinct if row["structure_id"] is not None}


def file_sha256(path: Path) -> str:
    """Hash the content of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def import_identity(settings: dict[str, Any], files: list[tuple[str, str]]) -> str:
    """Name an import by what decides its result.

    Parameters
    ----------
    settings : dict
        Everything that changes what is stored, as values that JSON can hold.
    files : list of (str, str)
        Name and SHA-256 of each file.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    text = json.dumps([settings, files], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
