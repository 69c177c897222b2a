"""What a lab does with files of spectra: import_library, import_study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH, PrecursorTolerance, as_precursor_tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spectradb.ingest.report import ImportReport
    from spectradb.workspace.lab_files import PathLike


class Imports(Part):
    """The verbs that bring spectra in; each publishes at its end."""

    def import_library(
        self,
        name: str,
        files: PathLike | Iterable[PathLike],
        *,
        select: str | None = None,
        ion_mode: str | None = None,
        rt_unit: str | None = None,
        recipe: PeakRecipe | None = None,
        drop_duplicates: bool = False,
        replace: bool = False,
        precursor_tolerance: PrecursorTolerance | str | None = None,
        max_isolation_width: float = MAX_ISOLATION_WIDTH,
        origin: str | None = None,
        licence: str | None = None,
        processes: int | None = None,
        quiet: bool = True,
    ) -> ImportReport:
        """Import a reference library: annotated spectra.

        Parameters
        ----------
        name : str
            Name of the library; files imported under the name of a library are added to it.
        files : path or iterable of paths
            Files, or directories whose files of known formats are meant.
        select : str, optional
            For tables that DuckDB reads: a SELECT from ``'{file}'`` that names the columns, a file with one, or the name of a
            shipped one (``massbank``, ``massspecgym``).
        ion_mode : {"positive", "negative"}, optional
            Ion mode of spectra that do not tell theirs.
        rt_unit : {"seconds", "minutes"}, optional
            Unit of retention times that state none; None: the format's usual one, if it has one. The report says which.
        recipe : PeakRecipe, optional
            How to clean peaks.
        drop_duplicates : bool
            Leave out spectra whose peaks, precursor and analyte are in the library under another id.
        replace : bool
            Put records that are stored in another version, such as with another structure or precursor under the same
            identifier, in their places; otherwise these are reported and not taken.
        precursor_tolerance : PrecursorTolerance or str, optional
            How far a stated precursor m/z may be from that of structure and adduct, such as ``"10 ppm"``; further off, the
            spectrum is searched at the computed one. None: ``"0.01 Da, 20 ppm"``, of which the larger holds.
        max_isolation_width : float
            Widest isolation window, in m/z; spectra of wider ones (DIA, MSE) have no precursor and are dropped.
        origin, licence : str, optional
            Where the library comes from, and its licence.
        processes : int, optional
            Processes that work at once: each reads one of several files, or they share a single one; None: one for each core,
            fewer where the files are small. What is stored does not depend on it.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        ImportReport
            Every spectrum read, by outcome and reason.

        Raises
        ------
        NoSpectra
            If nothing is left to store; other errors of single files are in the report.
        """
        settings = ImportSettings(
            name,
            "library",
            select=select,
            ion_mode=ion_mode,
            rt_unit=rt_unit,
            recipe=recipe or PeakRecipe(),
            drop_duplicates=drop_duplicates,
            replace=replace,
            precursor_tolerance=as_precursor_tolerance(precursor_tolerance),
            max_isolation_width=max_isolation_width,
            origin=origin,
            licence=licence,
        )
        return self._import(files, settings, processes=processes, quiet=quiet)

    def import_study(
        self,
        name: str,
        files: PathLike | Iterable[PathLike],
        *,
        samples: PathLike | None = None,
        select: str | None = None,
        ion_mode: str | None = None,
        rt_unit: str | None = None,
        recipe: PeakRecipe | None = None,
        replace: bool = False,
        precursor_tolerance: PrecursorTolerance | str | None = None,
        max_isolation_width: float = MAX_ISOLATION_WIDTH,
        origin: str | None = None,
        licence: str | None = None,
        processes: int | None = None,
        quiet: bool = True,
    ) -> ImportReport:
        """Import the runs of a study.

        Parameters
        ----------
        name : str
            Name of the study; files imported under the name of a study are added to it.
        files : path or iterable of paths
            Files, or directories whose files of known formats are meant; each file is one run.
        samples : path, optional
            Sample table (CSV): one row per run, see :func:`spectradb.ingest.samples.sample_table.read_samples`.
        select, ion_mode, rt_unit, recipe, replace, max_isolation_width, origin, licence, processes, quiet
            As for :meth:`import_library`.
        precursor_tolerance
            The same, but that the spectra of a study are searched at the m/z that they state in any case.

        Returns
        -------
        ImportReport
            Every spectrum read, by outcome and reason.

        Raises
        ------
        NoSpectra
            If nothing is left to store; other errors of single files are in the report.
        BadSampleTable
            If the sample table cannot be read.
        """
        settings = ImportSettings(
            name,
            "study",
            select=select,
            ion_mode=ion_mode,
            rt_unit=rt_unit,
            recipe=recipe or PeakRecipe(),
            replace=replace,
            precursor_tolerance=as_precursor_tolerance(precursor_tolerance),
            max_isolation_width=max_isolation_width,
            samples=Path(samples) if samples is not None else None,
            origin=origin,
            licence=licence,
        )
        return self._import(files, settings, processes=processes, quiet=quiet)

    def _import(
        self, files: PathLike | Iterable[PathLike], settings: ImportSettings, *, processes: int | None, quiet: bool
    ) -> ImportReport:
        self.files.finish_removals()  # an import of what is being removed would find itself done
        named = [files] if isinstance(files, str | Path) else list(files)
        if "" in named:
            raise BadParameter("an empty text names no file and no folder; write . for the current folder")
        paths = [Path(file) for file in named]
        report = import_files(self.files.record, self.files.locks, paths, settings, processes=processes, quiet=quiet)
        self.files.compact()
        # Also when nothing changed: the import that did this before may have been killed before it could publish.
        self.files.publish()
        self.files.record.remove_old_versions()
        return report
