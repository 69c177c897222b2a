"""Read the .ms files of SIRIUS: compounds, each with the MS/MS spectra that were measured of it.

A compound begins at ``>compound``; ``>ms2`` and ``>collision`` begin a spectrum of it, whose peaks follow, and ``>ms1`` one of
its survey scans, which identifies nothing and is passed over. Format: documentation of SIRIUS 5, "Input formats".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import fieldnames
from spectradb.ingest.fields.values import stated
from spectradb.ingest.readers.open_text import reading, require_spectra
from spectradb.ingest.readers.peaklines import BadPeaks, parse_pairs
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.readers.raw import Problems

_SPECTRA = frozenset({"ms2", "ms2peaks", "collision"})
_SURVEYS = frozenset({"ms1", "ms1peaks", "ms1merged"})
# The names that SIRIUS gives to fields, by those that other peak lists give them.
_NAMES = {"parentmass": "pepmass", "ionization": "adduct", "ion": "adduct", "source": "filename"}
_MODES = {"+": "positive", "-": "negative"}


@dataclass
class _Spectrum:
    start: int
    energy: str | None
    peaks: list[str] = field(default_factory=list)


@dataclass
class _Compound:
    name: str
    start: int
    fields: dict[str, str] = field(default_factory=dict)
    spectra: list[_Spectrum] = field(default_factory=list)
    open: list[str] | None = None


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of a .ms file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the spectra that cannot be read; ``place`` is the line in which they begin.

    Yields
    ------
    pyarrow.RecordBatch
        Batches of the raw schema. Where a compound has several spectra they are numbered: ``name/1``, ``name/2``. Times without
        a unit are seconds; collision energies have the unit that the file states, which is often none.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or decompressed to its end, or holds no spectrum.
    """
    yield from batches(require_spectra(path, _records(path, problems), problems=problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for compound in _compounds(path, problems):
        for number, spectrum in enumerate(compound.spectra, 1):
            try:
                mz, intensity = parse_pairs(spectrum.peaks)
            except BadPeaks as error:
                problems.add(f"line {spectrum.start}", str(error))
                continue
            record = _described(compound, spectrum)
            record["native_id"] = compound.name if len(compound.spectra) == 1 else f"{compound.name}/{number}"
            yield record | {"place": f"line {spectrum.start}", "ms_level": 2, "mz": mz, "intensity": intensity}


def _described(compound: _Compound, spectrum: _Spectrum) -> dict[str, Any]:
    fields = dict(compound.fields)
    adduct = fields.get("adduct", "")
    if "?" in adduct:  # SIRIUS is to find out which
        del fields["adduct"]
        fields.setdefault("ionmode", _MODES.get(adduct[-1], ""))
    if spectrum.energy:
        fields["collisionenergy"] = spectrum.energy
    return fieldnames.raw_record(fields, bare_time="s", name_ends_in_adduct=False)


def _compounds(path: Path, problems: Problems) -> Iterator[_Compound]:
    compound: _Compound | None = None
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            text = line.strip()
            if text.startswith(">compound"):
                if compound:
                    yield compound
                compound = _Compound(text.removeprefix(">compound").strip() or f"line {number}", number)
            elif compound is not None:
                _take(text, number, compound, problems)
            elif text and text[0] not in "#>":
                problems.add(f"line {number}", "peaks before the first >compound")
    if compound:
        yield compound


def _take(text: str, number: int, compound: _Compound, problems: Problems) -> None:
    """Take a line of a compound."""
    if not text:
        return
    if text[0] not in ">#":
        if compound.open is None:
            problems.add(f"line {number}", f"{text[:20]!r} stands before a >ms2 or >collision of {compound.name}")
        else:
            compound.open.append(text)
        return
    name, _, value = text[1:].strip().partition(" ")
    kind = name.lower()
    if text[0] == "#" and kind != "name":
        return
    if kind in _SURVEYS:
        compound.open = []
    elif kind in _SPECTRA:
        compound.open = []
        compound.spectra.append(_Spectrum(number, stated(value) if kind == "collision" else None, compound.open))
    else:
        kept = stated(value)
        if kept is not None:
            compound.fields.setdefault(_NAMES.get(kind, fieldnames.plain_name(kind)), kept)
