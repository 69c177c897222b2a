"""The verb import-features: the areas of a feature table, stored with the study whose spectra are of these features."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from spectradb import schemas
from spectradb.errors import BadFeatureTable, BadParameter
from spectradb.ingest.spectra.identity import file_sha256
from spectradb.search.checks import check_collections
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.workspace.lab_files import LabFiles

#: Programs whose tables can be read.
FORMATS = ("mzmine", "msdial")
_FEW = 3
_HEAD_BYTES = 65_536


@dataclass(frozen=True)
class FeaturesReport:
    """What an import of a feature table did.

    Parameters
    ----------
    study : str
        The study.
    file : str
        The table.
    file_format : str
        Whose table it is.
    n_features, n_runs, n_areas : int
        Features, runs and areas of it.
    n_with_spectra : int
        Features that a spectrum of the study is of.
    notes : tuple of str
        What does not fit, each with the remedy.
    unchanged : bool
        The same table is stored already.
    """

    study: str
    file: str
    file_format: str
    n_features: int
    n_runs: int
    n_areas: int
    n_with_spectra: int
    notes: tuple[str, ...] = ()
    unchanged: bool = False

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        areas = f"{self.n_areas:,} areas of {self.n_features:,} features in {self.n_runs:,} runs"
        lines = [f"{self.study}: {areas}, from {self.file} ({self.file_format})"]
        lines.append(f"  features with spectra: {self.n_with_spectra:,}")
        lines += ["  unchanged: this table is stored already"] if self.unchanged else []
        return lines + [f"  note: {note}" for note in self.notes]

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {"notes": list(self.notes)}


def import_features(files: LabFiles, study: str, file: Path, *, file_format: str | None = None) -> FeaturesReport:
    """Store the areas of a feature table, in the place of those that the study had.

    Parameters
    ----------
    files : LabFiles
        The lab.
    study : str
        The study, whose spectra say by ``feature_id`` of which feature they are.
    file : pathlib.Path
        The table.
    file_format : str, optional
        One of :data:`FORMATS`; told by the table's header when None.

    Returns
    -------
    FeaturesReport
        What was done.

    Raises
    ------
    BadFeatureTable
        If the table is of neither program, or says a thing twice or not as a number.
    NoCollection
        If the lab has no such study.
    BadParameter
        If there is no such format.
    """
    if file_format is not None and file_format not in FORMATS:
        raise BadParameter(f"feature tables of {file_format!r} are not read; those that are: {', '.join(FORMATS)}")
    chosen = file_format or _format_of(file)
    sha256 = file_sha256(file)
    with open_published(files.published, functions=False) as con:
        check_collections(con, study)
        areas = _read(con, study, file, chosen)
        spectra = to_arrow(con, schemas.read("queries/features/feature_spectra"), {"study": study})
        runs = {name for (name,) in con.execute(schemas.read("queries/features/study_runs"), {"study": study}).fetchall()}
    features = set(areas["feature_id"].to_pylist())
    with_spectra = features & set(spectra["feature_id"].to_pylist())
    notes = _notes(study, file, areas, spectra, with_spectra, runs)
    where = f"study = '{study}' AND sha256 = '{sha256}'"
    unchanged = files.record.dataset("feature_areas").count_rows(where) == areas.num_rows and _is_latest(files, study, sha256)
    if not unchanged:
        created = datetime.now(UTC).replace(tzinfo=None)
        constants = {"study": study, "file_name": file.name, "sha256": sha256, "created": created}
        files.record.append("feature_areas", _rows(areas, constants))
        # Publishing shows the latest; what it replaces is deleted after.
        files.record.delete("feature_areas", f"study = '{study}' AND created < timestamp '{created.isoformat(' ')}'")
    files.publish()
    n_runs = len(areas["run"].unique())
    counts = {"n_features": len(features), "n_runs": n_runs, "n_areas": areas.num_rows, "n_with_spectra": len(with_spectra)}
    return FeaturesReport(study, file.name, chosen, **counts, notes=notes, unchanged=unchanged)


def _format_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES).decode("utf-8", errors="replace")
    except OSError as error:
        raise BadFeatureTable(f"{file} cannot be read: {error.strerror or error}. Name the feature table.") from error
    first = head.splitlines()[0] if head else ""
    if any(line.startswith("Alignment ID\t") for line in head.splitlines()):
        return "msdial"
    if ("row ID" in first and " Peak area" in first) or ("datafile:" in first and ":area" in first):
        return "mzmine"
    raise BadFeatureTable(
        f"{file}: the header is neither that of MZmine ('row ID' and '... Peak area', or 'id' and 'datafile:...:area') nor "
        "that of MS-DIAL ('Alignment ID'). Export the quantification table of one of them."
    )


def _read(con: duckdb.DuckDBPyConnection, study: str, file: Path, chosen: str) -> pa.Table:
    try:
        areas = to_arrow(con, schemas.read(f"queries/features/{chosen}_areas"), {"file": str(file), "study": study})
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise BadFeatureTable(f"{file}: {reason}. Put that right in the table, or export it again.") from error
    if not areas.num_rows:
        raise BadFeatureTable(f"{file}: no feature has an area in any run. Export the areas with the table.")
    for name in ("feature_id", "area"):
        if areas[name].null_count:
            raise BadFeatureTable(f"{file}: {areas[name].null_count:,} rows have no {name}. Export the table again.")
    pairs = zip(areas["feature_id"].to_pylist(), areas["run"].to_pylist(), strict=True)
    twice = [pair for pair, n in Counter(pairs).items() if n > 1]
    if twice:
        feature, run = twice[0]
        raise BadFeatureTable(
            f"{file}: feature {feature} has several areas in the run {run}. Leave one of its columns or rows."
        )
    return areas


def _notes(
    study: str, file: Path, areas: pa.Table, spectra: pa.Table, with_spectra: set[str], runs: set[str]
) -> tuple[str, ...]:
    """Say what of the table fits nothing of the study, and what of the study is not in the table."""
    notes = []
    columns = dict(zip(areas["run"].to_pylist(), areas["column_name"].to_pylist(), strict=True))
    unknown = [column for run, column in columns.items() if run not in runs]
    if unknown:
        remedy = f"runs of {study} are called {_few(sorted(runs))}" if runs else f"{study} has no runs"
        notes.append(f"{file.name}: columns that are no run of the study: {_few(unknown)}; {remedy}")
    n_of_none = spectra.num_rows - len(with_spectra)
    if not spectra.num_rows:
        notes.append(f"no spectrum of {study} has a feature_id: import the MGF that was exported beside {file.name}")
    elif n_of_none:
        missing = sorted(set(spectra["feature_id"].to_pylist()) - with_spectra)
        told = f"{n_of_none:,} features of spectra are not in {file.name}: {_few(missing)}"
        notes.append(f"{told}; import the table of the same export")
    return tuple(notes)


def _is_latest(files: LabFiles, study: str, sha256: str) -> bool:
    rows = files.record.read("feature_areas", columns=["sha256"], where=f"study = '{study}'")
    return bool(rows["sha256"].unique().to_pylist() == [sha256])


def _rows(areas: pa.Table, constants: dict[str, object]) -> pa.Table:
    schema = table_schema("feature_areas")
    columns = [
        areas[field.name].cast(field.type)
        if field.name in areas.column_names
        else pa.repeat(pa.scalar(constants[field.name], field.type), areas.num_rows)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _few(names: list[str]) -> str:
    return ", ".join(names[:_FEW]) + (f" and {len(names) - _FEW} more" if len(names) > _FEW else "")
