"""Which row of a sample table describes a run: file names match with or without folders, suffix and case."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spectradb.errors import BadSampleTable
from spectradb.ingest.samples.sample_table import unmatched
from spectradb.ingest.spectra.naming import run_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from spectradb.ingest.samples.sample_table import SampleRow


class SampleTable:
    """The rows of a sample table, found by the names of runs.

    Parameters
    ----------
    path : pathlib.Path
        The table, for messages.
    rows : dict of str to SampleRow
        As :func:`spectradb.ingest.samples.sample_table.read_samples` gives.
    """

    def __init__(self, path: Path, rows: dict[str, SampleRow]) -> None:
        self.path = path
        self._rows = rows
        self._by_name: dict[str, list[str]] = {}
        for key in rows:
            self._by_name.setdefault(run_name(key).lower(), []).append(key)
        self._found: dict[str, str] = {}

    def row(self, run: str) -> SampleRow | None:
        """Find the row of a run.

        Parameters
        ----------
        run : str
            Name of the run, led by folders where files of one name are told apart by them.

        Returns
        -------
        SampleRow or None
            Its row; None where the table has none.

        Raises
        ------
        BadSampleTable
            If several rows fit it equally well, or its row is that of another run.
        """
        fits = {key: fit for key in self._by_name.get(run_name(run).lower(), ()) if (fit := _fit(self._rows[key].file, run))}
        if not fits:
            return None
        best = max(fits.values())
        keys = [key for key, fit in fits.items() if fit == best]
        if len(keys) > 1:
            lines = " and ".join(str(self._rows[key].line) for key in keys)
            msg = f"{self.path}, lines {lines}: each may be run {run}. Write its file name whole, with its folder if need be."
            raise BadSampleTable(msg)
        other = self._found.setdefault(keys[0], run)
        if other != run:
            row = self._rows[keys[0]]
            msg = (
                f"{self.path}, line {row.line}: {row.file} may be run {other} or run {run}. Give each run a row of its own, "
                "with its folder or suffix, as they are told apart."
            )
            raise BadSampleTable(msg)
        return self._rows[keys[0]]

    def unmatched(self, runs: Iterable[str]) -> tuple[list[str], list[str]]:
        """Compare the table with the runs of an import.

        Parameters
        ----------
        runs : iterable of str
            Runs that were imported.

        Returns
        -------
        (list of str, list of str)
            Runs without a row, and rows without a run, sorted.
        """
        known = {run: key for key, run in self._found.items()}
        return unmatched(self._rows, {known.get(run, run) for run in runs})


class _Fit(NamedTuple):
    """How well a row fits a run, the better the greater."""

    same_suffix: bool
    n_folders: int
    same_case: bool


def _fit(file: str, run: str) -> _Fit | None:
    """Compare what a table writes with the name of a run; None where they contradict each other."""
    *folders, name = file.replace("\\", "/").split("/")
    *run_folders, run_last = run.replace("\\", "/").split("/")
    # What both name must agree, from the last folder up.
    shared = list(zip(reversed(folders), reversed(run_folders), strict=False))
    if any(one.lower() != other.lower() for one, other in shared):
        return None
    suffix, run_suffix = (whole[len(run_name(whole)) :].lower() for whole in (name, run_last))
    if suffix and run_suffix and suffix != run_suffix:
        return None
    pairs = [(run_name(name), run_name(run_last)), *shared]
    return _Fit(bool(suffix and suffix == run_suffix), len(shared), all(one == other for one, other in pairs))
