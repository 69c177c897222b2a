"""The names that MGF, MSP and JSON libraries give to the fields of a spectrum, and how they become a raw record.

The formats have no agreed vocabulary: every tool spells ``Precursor_type`` its own way. Names are therefore compared without
case, blanks and underscores, and each column lists the names it goes by, the most trustworthy first.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from spectradb.ingest.readers import values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# "retention_time" with its underscore is matchms's name, and matchms keeps seconds; the others have the unit of their format.
_SECONDS_NAMES = frozenset({"rtinseconds", "retention_time"})
_MINUTES_NAMES = frozenset({"rtinminutes"})

_NAMES: dict[str, tuple[str, ...]] = {
    "native_id": ("spectrumid", "accession", "db#", "nist#", "usi", "featureid", "title", "scans"),
    "ms_level": ("mslevel", "spectrumtype", "mstype"),
    "precursor_mz": ("pepmass", "precursormz", "precursorm/z", "precursorion", "selectedionmz", "parent"),
    "charge": ("charge", "precursorcharge"),
    "ion_mode": ("ionmode", "polarity", "ionizationmode", "ionpolarity", "ionpol", "ionisationmode"),
    "adduct": ("adduct", "precursortype", "ion", "adducttype", "iontype", "adductionname"),
    "collision_energy": ("collisionenergy", "colenergy", "collisionvoltage", "ce", "nce", "fragmentationenergy"),
    "instrument": ("instrument", "instrumentname", "instrumentmodel"),
    "instrument_type": ("instrumenttype", "sourceinstrument"),
    "retention_time_s": ("rtinseconds", "rtinminutes", "retention_time", "retentiontime", "rt", "rettime", "scanstarttime"),
    "name": ("compoundname", "name", "compound"),
    "smiles": ("smiles", "isomericsmiles", "canonicalsmiles", "computedsmiles"),
    "inchi": ("inchi", "stdinchi", "computedinchi", "metbinchi"),
    "inchikey": ("inchikey", "stdinchikey", "inchikeyinchi", "inchikeysmiles", "inchiaux", "metbinchikey"),
    "formula": ("formula", "molecularformula", "chemicalformula", "formulainchi", "formulasmiles"),
    "pubchem_cid": ("pubchemcid", "pubchem", "cid", "pubchemid"),
    "contributor": (
        *("contributor", "pi", "principalinvestigator", "author", "authors"),
        *("datacollector", "submituser", "submitter"),
    ),
    "source_license": ("license", "licence"),
    "run": ("filename", "sourcefile", "rawfile", "datafile"),
}
_COLUMN_OF = {name: (column, rank) for column, names in _NAMES.items() for rank, name in enumerate(names)}

# GNPS puts an InChIKey, an AuxInfo or nothing into INCHIAUX; the blocks of letters tell.
_INCHIKEY_FORM = re.compile(r"(?:InChIKey=)?[A-Z]{14}(?:-[A-Z]{8,10}(?:-?[A-Z])?)?$")
# Progenesis puts the name of the feature into FILENAME; only names of spectrum files name a run.
_SPECTRUM_FILE = re.compile(
    r"(.+\.(?:mzml|mzxml|mzdata|mgf|raw|d|wiff2?|lcd|cdf|netcdf|tdf|baf|ms2)(?:\.gz)?)[;\s]*$", re.IGNORECASE
)
# GNPS appends the adduct to the name: "Malyngamide C M+H", "Kojic acid [M-H]-".
_TRAILING_ADDUCT = re.compile(r"(?:^|\s)(\[\d*M[^\s\]]*\]\d*[+-]*|\d*M(?:[+-]\d*\(?[A-Z][A-Za-z0-9()]*)+[+-]?|\d*M[+-])\s*$")


@functools.lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Return a field's name as it is compared: lower case, without blanks and underscores.

    Parameters
    ----------
    name : str
        The name as the file spells it.

    Returns
    -------
    str
        The plain name; "retention_time" alone keeps its underscore, which tells its unit.
    """
    lower = name.strip().lower()
    return lower if lower == "retention_time" else lower.replace("_", "").replace(" ", "")


def is_known(plain: str) -> bool:
    """Return whether a plain name is one that becomes a column.

    Parameters
    ----------
    plain : str
        A name from :func:`plain_name`.

    Returns
    -------
    bool
        Whether a column goes by that name.
    """
    return plain in _COLUMN_OF


def raw_record(fields: Mapping[str, str], *, bare_time: str, name_ends_in_adduct: bool) -> dict[str, Any]:
    """Translate the fields of one spectrum into a record of the raw schema.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values (see :func:`spectradb.ingest.readers.values.stated`) by plain name.
    bare_time : str
        Unit of a retention time without one: "s" or "min".
    name_ends_in_adduct : bool
        Whether the format is one in which names carry the adduct as their last word.

    Returns
    -------
    dict
        Values by column of the raw schema, without ``place``, ``mz`` and ``intensity``; columns of which the file says nothing
        are absent. Of several names of one column the first listed whose value can be read counts, zero only if all are zero:
        some exports write PEPMASS=0 and the true value under another name.
    """
    found: dict[str, list[tuple[int, str, str]]] = {}
    for name, text in fields.items():
        if name in _COLUMN_OF:
            column, rank = _COLUMN_OF[name]
            found.setdefault(column, []).append((rank, name, text))
    record: dict[str, Any] = {}
    for column, entries in found.items():
        entries.sort()
        value = None
        for _, name, text in entries:
            read = _CONVERT[column](name, text, bare_time) if column in _CONVERT else text
            value = read if value is None else value
            if read:
                value = read
                break
        record[column] = value
    if name_ends_in_adduct:
        _part_adduct(record, fields)
    if not record.get("charge") and "pepmass" in fields:
        _charge_of_pepmass(record, fields["pepmass"])
    return record


def _seconds(name: str, text: str, bare_time: str) -> float | None:
    if name in _SECONDS_NAMES:
        return values.seconds(text, bare="s")
    return values.seconds(text, bare="min" if name in _MINUTES_NAMES else bare_time)


def _inchikey(name: str, text: str, _: str) -> str | None:
    return text if name != "inchiaux" or _INCHIKEY_FORM.match(text) else None


def _run(_: str, text: str, __: str) -> str | None:
    match = _SPECTRUM_FILE.match(text)
    return match.group(1) if match else None


_CONVERT: dict[str, Callable[[str, str, str], Any]] = {
    "ms_level": lambda _, text, __: values.ms_level(text),
    "precursor_mz": lambda _, text, __: values.precursor_mz(text),
    "charge": lambda _, text, __: values.charge(text),
    "retention_time_s": _seconds,
    "pubchem_cid": lambda _, text, __: values.pubchem_cid(text),
    "inchikey": _inchikey,
    "run": _run,
}


def _part_adduct(record: dict[str, Any], fields: Mapping[str, str]) -> None:
    name = record.get("name") or ""
    match = _TRAILING_ADDUCT.search(name)
    if match:
        record["name"] = name[: match.start()].strip() or None
    elif "name" in fields:
        match = _TRAILING_ADDUCT.search(fields["name"])
    if match and record.get("adduct") is None:
        record["adduct"] = match.group(1)


def _charge_of_pepmass(record: dict[str, Any], pepmass: str) -> None:
    parts = pepmass.split()
    if len(parts) == 3 and (charge := values.charge(parts[2])) is not None:
        record["charge"] = charge
