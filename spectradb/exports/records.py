"""Spectra as the writers of files take them: rows in the order of a SELECT, with what the lab knows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
from duckdb import ConstantExpression, StarExpression
from duckdb.sqltypes import BIGINT, DOUBLE, INTEGER, VARCHAR

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.store.statements import WAITS_WITH_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEEDED = ("mz", "intensity", "precursor_mz")
_OTHERS = {
    "spectrum_id": BIGINT,
    "native_id": VARCHAR,
    "run_id": VARCHAR,
    "name": VARCHAR,
    "ms_level": INTEGER,
    "charge": INTEGER,
    "ion_mode": VARCHAR,
    "adduct": VARCHAR,
    "collision_energy": VARCHAR,
    "collision_energy_ev": DOUBLE,
    "collision_energy_nce": DOUBLE,
    "instrument": VARCHAR,
    "instrument_type": VARCHAR,
    "contributor": VARCHAR,
    "source_license": VARCHAR,
    "retention_time_s": DOUBLE,
    "feature_id": VARCHAR,
    "ion_mobility": DOUBLE,
    "ion_mobility_type": VARCHAR,
    "ccs": DOUBLE,
    "formula": VARCHAR,
    "smiles": VARCHAR,
    "inchikey": VARCHAR,
}
_ROWS_AT_ONCE = 2048


@dataclass(frozen=True)
class Record:
    """One spectrum to write; what is not known is None.

    Parameters
    ----------
    number : int
        Its place in the file, from 1.
    title : str
        What no other spectrum of the file is called.
    fields : dict
        Row of ``queries/lab/exported_spectra``; text is in one line.
    """

    number: int
    title: str
    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - of any type
        """Return a field."""
        return self.fields[name]


def records(con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, *, separator: str) -> Iterator[Record]:
    """Read spectra to write.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    rows : duckdb.DuckDBPyRelation
        The spectra, with the columns ``mz``, ``intensity`` and ``precursor_mz``, and others of ``spectra`` and ``structures``.
        Names and structures come from the lab where the rows have ``spectrum_id`` and not these.
    separator : str
        What stands between the numbers of a peak.

    Yields
    ------
    Record
        One spectrum at a time.

    Raises
    ------
    BadParameter
        If a column is missing, or a spectrum has no precursor m/z or no peaks.
    """
    missing = [name for name in _NEEDED if name not in rows.columns]
    if missing:
        raise BadParameter(f"spectra to write need the columns {', '.join(_NEEDED)}; the rows lack {', '.join(missing)}")
    nulls = (ConstantExpression(None).cast(kind).alias(name) for name, kind in _OTHERS.items() if name not in rows.columns)
    asked = rows.select(StarExpression(), *nulls)  # noqa: F841 - read by name
    statement = schemas.read("queries/lab/exported_spectra")
    values = {"separator": separator}
    # As in to_reader, which does not see the relation that is read by name.
    ran = con.execute(statement, values) if WAITS_WITH_LOCK else con.sql(statement, params=values)
    reader = ran.to_arrow_reader(_ROWS_AT_ONCE)
    titles: set[str] = set()
    number = 0
    for batch in reader:
        for row in batch.to_pylist():
            number += 1
            fields = {name: _in_one_line(value) if name != "peaks" else value for name, value in row.items()}
            called = str(fields["native_id"] or f"spectrum {number}")
            if not fields["peaks"] or not fields["precursor_mz"]:
                lacks = "peaks" if not fields["peaks"] else "precursor m/z"
                raise BadParameter(f"{called} has no {lacks}; leave it out of the SELECT")
            title = _title(fields, called, number, titles)
            titles.add(title)
            yield Record(number, title, fields)


def _title(fields: dict[str, Any], called: str, number: int, taken: set[str]) -> str:
    run = fields["run_id"]
    return next(
        title
        for title in (
            called,
            f"{run}/{called}" if run else called,
            f"{called} ({fields['spectrum_id']})",
            f"{called} #{number}",
        )
        if title not in taken
    )


def _in_one_line(value: object) -> object:
    return " ".join(value.split()) or None if isinstance(value, str) else value


def signed_charge(record: Record) -> str | None:
    """Write the charge as peak lists do, with its sign behind it.

    Parameters
    ----------
    record : Record
        The spectrum.

    Returns
    -------
    str or None
        Such as ``1+`` or ``2-``; None where it is not known.
    """
    charge = record["charge"]
    return f"{abs(charge)}{'-' if charge < 0 else '+'}" if charge else None


def energy(record: Record) -> str | None:
    """Write the collision energy with its unit, where that is known.

    Parameters
    ----------
    record : Record
        The spectrum.

    Returns
    -------
    str or None
        As the source states it; else from the columns in eV and percent.
    """
    if record["collision_energy"] is not None:
        return str(record["collision_energy"])
    if record["collision_energy_ev"] is not None:
        return f"{record['collision_energy_ev']:g} eV"
    return None if record["collision_energy_nce"] is None else f"{record['collision_energy_nce']:g} % (NCE)"
