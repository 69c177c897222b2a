"""A lab: one directory with a record in Lance and a published DuckDB file, and the verbs that work on it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spectradb import __version__
from spectradb.embed import EmbedReport, fill_embeddings
from spectradb.encoder.registry import DEFAULT_EMBEDDER
from spectradb.errors import LabExists, NoLab
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.ingest.peaks import PeakRecipe
from spectradb.search.adhoc import FileSearch, one_spectrum, search, search_file
from spectradb.search.identify import SearchReport, forget_killed_searches, identify
from spectradb.store import versions
from spectradb.store.connection import open_published
from spectradb.store.export import export_table
from spectradb.store.locks import exclusive, shared
from spectradb.store.publish import Publication, publish
from spectradb.store.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    import duckdb
    import pyarrow as pa

    from spectradb.ingest.report import ImportReport

PathLike = str | Path
INFO_TABLES = ("properties", "libraries", "studies", "models", "searches")
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
    directory = Path(path)
    lab = Lab(directory)
    if not lab.exists:
        if not create:
            raise _no_lab(directory)
        _init(lab)
    versions.check(lab.record)
    return lab


def _no_lab(directory: Path) -> NoLab:
    return NoLab(f"{directory} is no lab. Make one with `spectradb init {directory}`, or with connect(path, create=True).")


def _init(lab: Lab) -> None:
    if lab.path.exists() and not lab.path.is_dir():
        msg = f"{lab.path} is a file. Choose a directory for the lab."
        raise LabExists(msg)
    strangers = [entry.name for entry in lab.path.iterdir() if not _is_own(entry)] if lab.path.exists() else []
    if strangers:
        msg = f"{lab.path} holds other files ({', '.join(sorted(strangers)[:3])}). Choose a new or empty directory for the lab."
        raise LabExists(msg)
    with exclusive(lab.locks / "init.lock"):
        lab.record.create()
        if not lab.exists:
            versions.write_new(lab.record, __version__)
        lab.publish()


def _is_own(entry: Path) -> bool:
    return entry.name in {"lance", "locks"} or entry.name.startswith("lab.duckdb")


class Lab:
    """One lab.

    Use :func:`connect` to get one. Every verb that changes something publishes at its end.

    Parameters
    ----------
    path : pathlib.Path
        Its directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record = Record(path / "lance")
        self.locks = path / "locks"
        self.published = path / "lab.duckdb"
        self._con: duckdb.DuckDBPyConnection | None = None

    def __repr__(self) -> str:
        """Name the lab."""
        return f"Lab({str(self.path)!r})"

    def __enter__(self) -> Self:
        """Use the lab in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the lab's connection."""
        self.close()

    @property
    def exists(self) -> bool:
        """Whether there is a lab at the path."""
        return self.record.has("properties") and bool(self.record.dataset("properties").count_rows())

    def close(self) -> None:
        """Close the connection that :meth:`sql` uses; the next call opens the lab as it is then."""
        if self._con is not None:
            self._con.close()
            self._con = None

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
        alone = partial(forget_killed_searches, self.record)
        with shared(self.locks / "search.lock", alone=alone), open_published(self.published) as con:
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

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection to the published lab, with the model functions added.

        Returns
        -------
        duckdb.DuckDBPyConnection
            The same connection until something is published through this object, or :meth:`close` is called.
        """
        if self._con is None:
            self._con = open_published(self.published)
        return self._con

    def sql(self, query: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> duckdb.DuckDBPyRelation:
        """Run SQL on the published lab.

        Parameters
        ----------
        query : str
            Any statement that runs in a plain DuckDB shell on ``lab.duckdb``, and more: here functions can run models.
        parameters : dict or sequence, optional
            Values of the query's parameters.

        Returns
        -------
        duckdb.DuckDBPyRelation
            The result: ``.fetchall()``, ``.df()``, ``.to_arrow_table()``.
        """
        return self.connection().sql(query, params=parameters)

    def export(self, table: str, file: PathLike) -> int:
        """Write a published table or view to a file.

        Parameters
        ----------
        table : str
            Name of the table or view.
        file : str or pathlib.Path
            Where to write; its suffix decides the format: .parquet, .csv, .tsv or .json.

        Returns
        -------
        int
            The number of rows written.

        Raises
        ------
        BadParameter
            If the lab has no such table, or the suffix names no format.
        """
        return export_table(self.connection(), table, Path(file))

    def info(self) -> dict[str, list[dict[str, Any]]]:
        """Summarise the lab: its libraries, studies, models and searches.

        Returns
        -------
        dict of str to list of dict
            Rows of the published tables ``properties``, ``libraries``, ``studies``, ``models`` and ``searches``.
        """
        con = self.connection()
        return {table: con.table(table).to_arrow_table().to_pylist() for table in INFO_TABLES}

    @property
    def default_model(self) -> str:
        """The model that is used where none is named."""
        rows = self.record.read("properties", where="name = 'default_model'").to_pylist()
        return str(rows[0]["value"]) if rows else DEFAULT_EMBEDDER

    def publish(self, *, rebuild: bool = False) -> Publication:
        """Build the next published file from the record and put it in place.

        Parameters
        ----------
        rebuild : bool
            Fill every table from the record, also those that have not changed.

        Returns
        -------
        Publication
            Which tables were filled and which copied.
        """
        self.close()
        return publish(self.record, self.published, rebuild=rebuild)

    def upgrade(self) -> tuple[int, int]:
        """Bring the lab to the schema version of this spectradb.

        Returns
        -------
        (int, int)
            Schema version before and after.

        Raises
        ------
        NoLab
            If there is no lab.
        SchemaVersionMismatch
            If the lab is newer, or of a version from which no step is known.
        """
        if not self.exists:
            raise _no_lab(self.path)
        with exclusive(self.locks / "init.lock"):
            before, after = versions.upgrade(self.record)
        self.publish(rebuild=True)
        return before, after

    def clean(self, *, older_than_days: float = 1.0) -> int:
        """Remove old versions of the record and what killed writers left behind.

        Parameters
        ----------
        older_than_days : float
            Younger versions stay, so that nobody who is reading loses them.

        Returns
        -------
        int
            Bytes freed.
        """
        return self.record.clean(older_than_days=older_than_days)

    def _import(self, files: PathLike | Iterable[PathLike], settings: ImportSettings, *, quiet: bool) -> ImportReport:
        paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
        report = import_files(self.record, self.locks, paths, settings, quiet=quiet)
        # Also when nothing changed: the import that did this before may have been killed before it could publish.
        self.publish()
        return report
