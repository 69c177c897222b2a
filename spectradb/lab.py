"""A lab and its verbs: import, embed, identify, search, and SQL on what is published."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.embed import EmbedReport, fill_embeddings
from spectradb.encoder.registry import DEFAULT_EMBEDDER
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.ingest.peaks import PeakRecipe
from spectradb.search.adhoc import FileSearch, one_spectrum, search, search_file
from spectradb.search.identify import SearchReport, forget_killed_searches, identify, unpublished_searches
from spectradb.store.connection import open_published
from spectradb.store.lab_directory import LabDirectory, PathLike
from spectradb.store.locks import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from spectradb.ingest.report import ImportReport

DEFAULT_PPM = 10.0
DEFAULT_K = 10
DEFAULT_FRAGMENT_TOLERANCE_DA = 0.01


def connect(path: PathLike, *, create: bool = False) -> Lab:
    """Open a lab.

    Parameters
    ----------
    path : str or pathlib.Path
        Its directory.
    create : bool
        Make the lab when there is none.

    Returns
    -------
    Lab
        The lab.

    Raises
    ------
    NoLab
        If there is no lab and none is to be made.
    SchemaVersionMismatch
        If the lab has another schema version; the message says what to do.
    LabExists
        If a lab is to be made where other files are.
    """
    lab = Lab(Path(path))
    if create and not lab.exists:
        lab.create()
    lab.check()
    return lab


class Lab(LabDirectory):
    """One lab. Use :func:`connect` to get one; every verb that changes something publishes at its end.

    Parameters
    ----------
    path : pathlib.Path
        Its directory.
    """

    def import_library(
        self,
        name: str,
        files: PathLike | Iterable[PathLike],
        *,
        select: str | None = None,
        ion_mode: str | None = None,
        recipe: PeakRecipe | None = None,
        drop_duplicates: bool = False,
        origin: str | None = None,
        licence: str | None = None,
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
        recipe : PeakRecipe, optional
            How to clean peaks.
        drop_duplicates : bool
            Leave out spectra whose peaks, precursor and analyte are in the library under another id.
        origin, licence : str, optional
            Where the library comes from, and its licence.
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
            recipe=recipe or PeakRecipe(),
            drop_duplicates=drop_duplicates,
            origin=origin,
            licence=licence,
        )
        return self._import(files, settings, quiet=quiet)

    def import_study(
        self,
        name: str,
        files: PathLike | Iterable[PathLike],
        *,
        samples: PathLike | None = None,
        select: str | None = None,
        ion_mode: str | None = None,
        recipe: PeakRecipe | None = None,
        origin: str | None = None,
        licence: str | None = None,
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
            Sample table (CSV): one row per run, see :func:`spectradb.ingest.samples.read_samples`.
        select, ion_mode, recipe, origin, licence, quiet
            As for :meth:`import_library`.

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
            recipe=recipe or PeakRecipe(),
            samples=Path(samples) if samples is not None else None,
            origin=origin,
            licence=licence,
        )
        return self._import(files, settings, quiet=quiet)

    def embed(
        self,
        model: str = DEFAULT_EMBEDDER,
        *,
        device: str = "cpu",
        batch_size: int = 4096,
        refill: bool = False,
        quiet: bool = True,
    ) -> EmbedReport:
        """Fill the embedding column of a model: every spectrum that has no vector yet gets one.

        Parameters
        ----------
        model : str
            Name of the embedder.
        device : str
            ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
        batch_size : int
            Spectra per call of the model.
        refill : bool
            Embed all spectra anew, also when the model has changed since.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        EmbedReport
            What was done.
        """
        report = fill_embeddings(
            self.record, self.locks, model, device=device, batch_size=batch_size, refill=refill, quiet=quiet
        )
        self.publish()
        return report

    def identify(
        self,
        study: str,
        library: str,
        *,
        model: str | None = None,
        ppm: float = DEFAULT_PPM,
        k: int = DEFAULT_K,
        fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA,
        name: str | None = None,
    ) -> SearchReport:
        """Identify the spectra of a study against a library; the search and its hits are recorded.

        Parameters
        ----------
        study, library : str
            Names of collections.
        model : str, optional
            Whose vectors to compare; the lab's default model when None.
        ppm : float
            Half-width of the precursor window in ppm of the query's precursor m/z.
        k : int
            Analytes kept per query.
        fragment_tolerance_da : float
            Tolerance in Da for counting matched peaks.
        name : str, optional
            Name of the search.

        Returns
        -------
        SearchReport
            What was done.
        """
        left_unpublished: set[str] = set()

        def take_stock() -> None:
            forget_killed_searches(self.record)
            with open_published(self.published) as con:
                left_unpublished.update(unpublished_searches(self.record, con))

        # Published inside the lock: whoever finds itself alone knows that what is not published was left by a killed search.
        with shared(self.locks / "search.lock", alone=take_stock):
            with open_published(self.published) as con:
                report = identify(
                    self.record,
                    con,
                    study=study,
                    library=library,
                    model=model or self.default_model,
                    ppm=ppm,
                    k=k,
                    fragment_tolerance_da=fragment_tolerance_da,
                    name=name,
                    left_unpublished=left_unpublished,
                )
            self.publish()
        return report

    def search(
        self,
        mz: Sequence[float],
        intensity: Sequence[float],
        precursor_mz: float,
        *,
        library: str,
        ion_mode: str = "positive",
        model: str | None = None,
        ppm: float | None = DEFAULT_PPM,
        k: int = DEFAULT_K,
    ) -> pa.Table:
        """Search one spectrum at hand against a library; nothing is recorded.

        Parameters
        ----------
        mz, intensity : sequence of float, shape (n_peaks,)
            Its peaks.
        precursor_mz : float
            m/z of its precursor.
        library : str
            Name of the library.
        ion_mode : str
            ``"positive"`` or ``"negative"``.
        model : str, optional
            Whose vectors to compare; the lab's default model when None.
        ppm : float or None
            Half-width of the precursor window in ppm; None: an open search, without precursor filter.
        k : int
            Analytes to return.

        Returns
        -------
        pyarrow.Table
            Ranked candidates with names, structures and scores; no row when the window holds none.
        """
        spectra = one_spectrum(mz, intensity, precursor_mz, ion_mode=ion_mode)
        return search(self.connection(), spectra, library=library, model=model or self.default_model, ppm=ppm, k=k)

    def search_file(
        self,
        file: PathLike,
        *,
        library: str,
        ion_mode: str | None = None,
        model: str | None = None,
        ppm: float | None = DEFAULT_PPM,
        k: int = DEFAULT_K,
    ) -> FileSearch:
        """Search the spectra of a file against a library; nothing is recorded.

        Parameters
        ----------
        file : str or pathlib.Path
            A file of a known format.
        ion_mode : {"positive", "negative"}, optional
            Ion mode of spectra that do not tell theirs.
        library, model, ppm, k
            As for :meth:`search`.

        Returns
        -------
        FileSearch
            Ranked candidates of every spectrum, and the counts of what was read, dropped and answered.

        Raises
        ------
        NoSpectra
            If no spectrum of the file can be searched, or none has a candidate.
        """
        return search_file(
            self.connection(),
            Path(file),
            library=library,
            ion_mode=ion_mode,
            model=model or self.default_model,
            ppm=ppm,
            k=k,
        )

    def _import(self, files: PathLike | Iterable[PathLike], settings: ImportSettings, *, quiet: bool) -> ImportReport:
        paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
        report = import_files(self.record, self.locks, paths, settings, quiet=quiet)
        # Also when nothing changed: the import that did this before may have been killed before it could publish.
        self.publish()
        return report
