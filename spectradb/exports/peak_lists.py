"""Peak lists as text: MGF, MSP, and the .ms of SIRIUS. Each writer gives the lines of one spectrum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.exports.records import energy, signed_charge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spectradb.exports.records import Record

_ANY_ADDUCT = {"positive": "[M+?]+", "negative": "[M+?]-"}


def mgf(record: Record, *, scan: int | None = None) -> Iterator[str]:
    """Write a spectrum as Mascot Generic Format, with the fields that GNPS, MZmine and matchms give it.

    Parameters
    ----------
    record : Record
        The spectrum.
    scan : int, optional
        Its number in the file, where a table beside the file names it by that; else its own.

    Yields
    ------
    str
        Lines. TITLE is unique in the file, SPECTRUMID is the identifier that the lab has.
    """
    own = next((text for text in (record["feature_id"], record["native_id"]) if text and text.isdecimal()), None)
    fields = {
        "TITLE": record.title,
        "SPECTRUMID": record["native_id"],
        "FEATURE_ID": record["feature_id"],
        "SCANS": own if scan is None else scan,
        "PEPMASS": record["precursor_mz"],
        "CHARGE": signed_charge(record),
        "RTINSECONDS": record["retention_time_s"],
        "ION_MOBILITY": record["ion_mobility"],
        "ION_MOBILITY_TYPE": record["ion_mobility_type"],
        "CCS": record["ccs"],
        "MSLEVEL": record["ms_level"],
        "IONMODE": record["ion_mode"],
        "ADDUCT": record["adduct"],
        "COLLISION_ENERGY": energy(record),
        "NAME": record["name"],
        "FORMULA": record["formula"],
        "SMILES": record["smiles"],
        "INCHIKEY": record["inchikey"],
        "INSTRUMENT": record["instrument"],
        "INSTRUMENT_TYPE": record["instrument_type"],
        "CONTRIBUTOR": record["contributor"],
        "LICENSE": record["source_license"],
        "FILENAME": record["file_name"],
    }
    yield "BEGIN IONS"
    yield from (f"{name}={value}" for name, value in fields.items() if value is not None)
    yield record["peaks"]
    yield "END IONS"
    yield ""


def msp(record: Record) -> Iterator[str]:
    """Write a spectrum as MSP, in the names that MassBank and MS-DIAL use.

    Parameters
    ----------
    record : Record
        The spectrum.

    Yields
    ------
    str
        Lines. A record without a name is called Unknown, as the format needs one; retention times say that they are seconds.
    """
    fields = {
        "Name": record["name"] or "Unknown",
        "DB#": record["native_id"],
        "PrecursorMZ": record["precursor_mz"],
        "Precursor_type": record["adduct"],
        "Charge": signed_charge(record),
        "Ion_mode": record["ion_mode"],
        "Spectrum_type": None if record["ms_level"] is None else f"MS{record['ms_level']}",
        "RTINSECONDS": record["retention_time_s"],
        "Ion_mobility": record["ion_mobility"],
        "Ion_mobility_type": record["ion_mobility_type"],
        "CCS": record["ccs"],
        "Collision_energy": energy(record),
        "Instrument": record["instrument"],
        "Instrument_type": record["instrument_type"],
        "Formula": record["formula"],
        "SMILES": record["smiles"],
        "InChIKey": record["inchikey"],
        "Contributor": record["contributor"],
        "License": record["source_license"],
        "Num Peaks": record["n_peaks"],
    }
    yield from (f"{name}: {value}" for name, value in fields.items() if value is not None)
    yield record["peaks"]
    yield ""


def sirius(record: Record) -> Iterator[str]:
    """Write a spectrum as the .ms file of SIRIUS: one compound each.

    Parameters
    ----------
    record : Record
        The spectrum.

    Yields
    ------
    str
        Lines. Where the adduct is not known SIRIUS is told to try those of the ion mode; the name is a comment.

    Raises
    ------
    BadParameter
        If neither adduct nor ion mode is known.
    """
    ionization = record["adduct"] or _ANY_ADDUCT.get(record["ion_mode"])
    if ionization is None:
        raise BadParameter(
            f"{record.title} has neither adduct nor ion mode, one of which SIRIUS needs; leave it out of the SELECT"
        )
    seconds, ev = record["retention_time_s"], record["collision_energy_ev"]
    fields = {
        "compound": record.title,
        "parentmass": record["precursor_mz"],
        "formula": record["formula"],
        "ionization": ionization,
        "charge": record["charge"] or None,
        "rt": None if seconds is None else f"{seconds}s",
        "smiles": record["smiles"],
        "inchikey": record["inchikey"],
        "source": record["file_name"],
    }
    yield from (f">{name} {value}" for name, value in fields.items() if value is not None)
    if record["name"] is not None:
        yield f"#name {record['name']}"
    yield ""
    yield ">ms2" if ev is None else f">collision {ev:g}"
    yield record["peaks"]
    yield ""
