"""The names that MGF, MSP and JSON libraries give to the fields of a spectrum, and how they become a raw record.

The formats have no agreed vocabulary: every tool spells ``Precursor_type`` its own way. Names are therefore compared without
case, blanks and underscores, and each column lists the names it goes by, the most trustworthy first.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import decimals, values, vocabulary
from spectradb.ingest.fields import ion_mobility as mobilities
from spectradb.ingest.fields.decimals import NO_MARKS, Marks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Times whose names state their unit: "RTINSECONDS", "RetentionTimeInMinutes", "RT [min]".
_TIME_NAME = re.compile(r"(?:rt|rettime|retentiontime|scanstarttime|elutiontime)(?:in)?(?:([a-z]{3,})|[\[(]([a-z]+)\.?[\])])")
# With its underscore it is matchms's name, and matchms keeps seconds, though it passes on what MS-DIAL wrote.
_MATCHMS_TIME = "retention_time"

# What else names a record; below the names that identify it better.
_SCANS = ("id", "scan", "scannumber", "scanno", "scanid", "peakid", "masterid")

_NAMES: dict[str, tuple[str, ...]] = {
    "native_id": ("spectrumid", "accession", "db#", "nist#", "usi", "featureid", "title", "scans", *_SCANS),
    "ms_level": ("mslevel", "spectrumtype", "mstype"),
    "precursor_mz": (
        *("pepmass", "precursormz", "precursorm/z", "precursorionmz", "precursorion", "selectedionmz", "selectedionm/z"),
        *("parentmz", "parention", "parent"),
    ),
    "charge": ("charge", "precursorcharge"),
    "ion_mode": ("ionmode", "polarity", "ionizationmode", "ionpolarity", "ionpol", "ionisationmode"),
    "adduct": ("adduct", "precursortype", "ion", "adducttype", "iontype", "adductionname"),
    "collision_energy": ("collisionenergy", "colenergy", "collisionvoltage", "ce", "nce", "fragmentationenergy"),
    "instrument": ("instrument", "instrumentname", "instrumentmodel"),
    "instrument_type": ("instrumenttype", "sourceinstrument"),
    "retention_time_s": (_MATCHMS_TIME, "retentiontime", "rt", "rettime", "scanstarttime"),
    "precursor_intensity": ("precursorintensity", "pepmassintensity"),
    "ion_mobility": (*mobilities.NAMED, "ionmobility", "mobility"),
    "ion_mobility_type": ("ionmobilitytype", "ionmobilityunit", "ionmobilityunits", "mobilitytype", "mobilityunit"),
    "ccs": ("ccs", "collisioncrosssection"),
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

_NUMBERS = frozenset({"precursor_mz", "retention_time_s"})
_FLAG_OF = {"precursor_mz": "precursor_unreadable", "charge": "charge_unreadable", "ms_level": "ms_level_unreadable"}
# Words for the level that say more than one order, or something else than a level; only "MSLEVEL" itself must hold one.
_LEVEL_NAMES = frozenset({"mslevel", "mstype"})
_NOT_DEPRECATED = frozenset({"false", "no", "0"})

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


@functools.lru_cache(maxsize=4096)
def _column(plain: str) -> tuple[str, int] | None:
    """Return the column that a plain name becomes, and how trustworthy it is."""
    if plain not in _COLUMN_OF and _unit_in(plain):
        return "retention_time_s", -1
    return _COLUMN_OF.get(plain)


def _unit_in(plain: str) -> float | None:
    """Return the seconds in the unit that the name of a time states."""
    match = _TIME_NAME.fullmatch(plain)
    return values.SECONDS_PER.get(match[1] or match[2]) if match else None


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
    return _column(plain) is not None


def number_marks(fields: Mapping[str, str]) -> Marks:
    """Tell which decimal marks the precursor and the retention time of a record can only have.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values by plain name.

    Returns
    -------
    Marks
        The marks seen for certain.
    """
    words: list[str] = []
    for name, text in fields.items():
        column = _column(name)
        if column and column[0] in _NUMBERS:
            words += values.precursor_words(text)
    return decimals.marks(words)


def have_commas(fields: Mapping[str, str], peaks: Sequence[str]) -> bool:
    """Tell whether a comma makes it a question how decimals are written: in a number among the fields, or in the peaks.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values by plain name.
    peaks : sequence of str
        Lines of peaks.

    Returns
    -------
    bool
        Whether fields and peaks may tell about each other.
    """
    return _has_comma(fields) or "," in "".join(peaks)


def _has_comma(fields: Mapping[str, str]) -> bool:
    return any("," in text and (_column(name) or ("",))[0] in _NUMBERS for name, text in fields.items())


def marks_beside(fields: Mapping[str, str], peaks: Sequence[str]) -> Marks:
    """Tell what the numbers among the fields say about the decimal marks of the peaks, where there is a comma in either.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values by plain name.
    peaks : sequence of str
        Lines of peaks.

    Returns
    -------
    Marks
        The marks seen for certain; none where no comma makes it a question.
    """
    return number_marks(fields) if have_commas(fields, peaks) else NO_MARKS


def _own_marks(fields: Mapping[str, str], beside: Marks) -> Marks:
    """Return what tells about the numbers among the fields: they themselves, else the peaks; decimal commas of either count."""
    if not (beside.comma or _has_comma(fields)):
        return NO_MARKS
    marks = number_marks(fields)
    return beside if marks == NO_MARKS else Marks(marks.comma or beside.comma, marks.point)


def raw_record(
    fields: Mapping[str, str], *, bare_time: str | None, name_ends_in_adduct: bool, beside: Marks = NO_MARKS
) -> dict[str, Any]:
    """Translate the fields of one spectrum into a record of the raw schema.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values (see :func:`spectradb.ingest.fields.values.stated`) by plain name.
    bare_time : str or None
        Usual unit of a retention time without one: "s" or "min"; None where the format has no usual one.
    name_ends_in_adduct : bool
        Whether the format is one in which names carry the adduct as their last word.
    beside : Marks
        What the peaks tell about decimal marks; counts where the fields themselves do not tell. Beside decimal commas ``1.250``
        may be 1250, and is not read.

    Returns
    -------
    dict
        Values by column of the raw schema, without ``place``, ``mz`` and ``intensity``; columns of which the file says nothing
        are absent. Of several names of one column the first listed whose value can be read counts, zero only if all are zero:
        some exports write PEPMASS=0 and the true value under another name. What cannot be read is among the ``flags``.
    """
    marks = _own_marks(fields, beside)
    found: dict[str, list[tuple[int, str, str]]] = {}
    for name, text in fields.items():
        column_rank = _column(name)
        if column_rank:
            found.setdefault(column_rank[0], []).append((column_rank[1], name, text))
    record: dict[str, Any] = {}
    flags: list[str] = []
    for column, entries in found.items():
        entries.sort()
        if column == "retention_time_s":
            record |= _time(entries, marks, bare_time, flags)
        else:
            record[column] = _first_readable(column, entries, marks, flags)
    if name_ends_in_adduct:
        _part_adduct(record, fields)
    _feature(record, fields, marks)
    _mobility_kind(record, found.get("ion_mobility", []), marks)
    if not record.get("charge") and "pepmass" in fields:
        _charge_of_pepmass(record, fields["pepmass"], flags)
    if any("+" in text for _, _, text in found.get("charge", ())):
        flags += positive_charge_flags(record.get("charge"), record.get("ion_mode"))
    if fields.get("deprecated", "no").lower() not in _NOT_DEPRECATED:
        flags.append("deprecated_record")
    if flags:
        record["flags"] = flags
    return record


def positive_charge_flags(charge: int | None, mode: str | None) -> list[str]:
    """Tell whether a charge written with a plus contradicts the ion mode.

    Parameters
    ----------
    charge : int or None
        The charge as read.
    mode : str or None
        The ion mode as spelled.

    Returns
    -------
    list of str
        The flag, or none.
    """
    return ["charge_contradicts_ion_mode"] if (charge or 0) > 0 and vocabulary.ion_mode(mode) == "negative" else []


def peak_count_flags(fields: Mapping[str, str], n_peaks: int) -> list[str]:
    """Tell whether a record states another number of peaks than it holds, in formats whose records have an end of their own.

    Parameters
    ----------
    fields : mapping of str to str
        Stated values by plain name.
    n_peaks : int
        Peaks read.

    Returns
    -------
    list of str
        The flag, or none.
    """
    stated_count = values.number(fields.get("numpeaks"))
    return ["peak_count_disagrees"] if stated_count is not None and stated_count != n_peaks else []


def _first_readable(column: str, entries: list[tuple[int, str, str]], marks: Marks, flags: list[str]) -> Any:  # noqa: ANN401
    """Return the value of the first name that can be read, zero only if all are zero."""
    value = None
    for _, name, text in entries:
        read = _CONVERT[column](name, text, marks) if column in _CONVERT else text
        value = read if value is None else value
        if read:
            return read
    if value is None and column in _FLAG_OF:
        flags += _unreadable(column, entries)
    # An ion mode that cannot be read is passed on, for the harmoniser to say so.
    return entries[0][2] if column == "ion_mode" else value


def _unreadable(column: str, entries: list[tuple[int, str, str]]) -> list[str]:
    texts = [text for _, name, text in entries if column != "ms_level" or (name in _LEVEL_NAMES and text.lower() != "msn")]
    texts = [text for text in texts if vocabulary.stated(text) is not None]
    if column == "charge" and any(vocabulary.names_several_charges(text) for text in texts):
        return ["several_charges"]
    return [_FLAG_OF[column]] if texts else []


def _time(entries: list[tuple[int, str, str]], marks: Marks, bare_time: str | None, flags: list[str]) -> dict[str, Any]:
    """Return the columns of the retention time: one with a unit rather than one without, zero only if all are zero."""
    read = []
    for _, name, text in entries:
        time = values.retention_time(text, marks)
        if time is None:
            continue
        scale = time.scale or _unit_in(name)
        usual = "s" if name == _MATCHMS_TIME else bare_time
        read.append((time.value > 0, scale is not None, time.value, scale, usual))
    if not read:
        if any(vocabulary.stated(text) is not None for _, _, text in entries):
            flags.append("retention_time_unreadable")
        return {"retention_time_s": None}
    _, __, value, scale, usual = max(read, key=lambda time: time[:2])
    if value < 0:  # how MS-DIAL writes that it has none
        return {"retention_time_s": None}
    if scale is not None or value == 0:
        return {"retention_time_s": value * (scale or 1.0)}
    return {"retention_time_s": value * values.SECONDS_PER[usual] if usual else None, "retention_time_unitless": value}


def _ion_mode(_: str, text: str, __: Marks) -> str | None:
    return text if vocabulary.ion_mode(text) else None


def _inchikey(name: str, text: str, _: Marks) -> str | None:
    return text if name != "inchiaux" or _INCHIKEY_FORM.match(text) else None


def _run(_: str, text: str, __: Marks) -> str | None:
    match = _SPECTRUM_FILE.match(text)
    return match.group(1) if match else None


_CONVERT: dict[str, Callable[[str, str, Marks], Any]] = {
    "ms_level": lambda _, text, __: values.ms_level(text),
    "precursor_mz": lambda _, text, marks: values.precursor_mz(text, marks),
    "charge": lambda _, text, __: values.charge(text),
    "ion_mode": _ion_mode,
    "pubchem_cid": lambda _, text, __: values.pubchem_cid(text),
    "precursor_intensity": lambda _, text, marks: values.number(text, marks),
    "ion_mobility": lambda _, text, marks: values.number(text, marks),
    "ccs": lambda _, text, marks: values.number(text, marks),
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


def _feature(record: dict[str, Any], fields: Mapping[str, str], marks: Marks) -> None:
    """Note the feature, which may be the identifier as well, and the intensity that stands behind the m/z of the precursor."""
    if "featureid" in fields:
        record["feature_id"] = fields["featureid"]
    parts = fields.get("pepmass", "").split()
    if "precursor_intensity" not in record and len(parts) > 1 and values.number(parts[0], marks) is not None:
        record["precursor_intensity"] = values.number(parts[1], marks)


def _mobility_kind(record: dict[str, Any], entries: list[tuple[int, str, str]], marks: Marks) -> None:
    """Note what the ion mobility is where the name of its field tells it."""
    name = next((name for _, name, text in entries if values.number(text, marks) == record["ion_mobility"]), "")
    if "ion_mobility_type" not in record and name in mobilities.NAMED:
        record["ion_mobility_type"] = mobilities.NAMED[name]


def _charge_of_pepmass(record: dict[str, Any], pepmass: str, flags: list[str]) -> None:
    parts = pepmass.split()
    if len(parts) == 3 and (charge := values.charge(parts[2])) is not None:
        record["charge"] = charge
        flags[:] = [flag for flag in flags if flag not in {"charge_unreadable", "several_charges"}]
