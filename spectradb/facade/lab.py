"""A lab and its verbs: import, embed, identify, search, and SQL on what is published."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.benchmarks.protocols import benchmark
from spectradb.distributed.embed import embedding_executor
from spectradb.embedding.embed import EmbedReport, fill_embeddings
from spectradb.facade.benchmarks import BenchmarkVerbs
from spectradb.facade.removal import RemovalVerbs
from spectradb.facade.report import ReportVerbs
from spectradb.facade.samples import SampleVerbs
from spectradb.facade.searches import SearchVerbs
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.ingest.peaks import PeakRecipe
from spectradb.ingest.precursor import MAX_ISOLATION_WIDTH, PrecursorTolerance, as_precursor_tolerance
from spectradb.models.registry import DEFAULT_EMBEDDER
from spectradb.training.train_lab import TrainReport, train_encoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spectradb.ingest.report import ImportReport
    from spectradb.workspace.lab_files import PathLike


def connect(path: PathLike, *, create: bool = False) -> Lab:
    """Open a lab.

    Parameters
    ----------
    path : str or pathlib.Path
        Its directory; or, on object storage, its address ``s3://bucket/path``.
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
    ObjectStorageError
        If the object storage at the address cannot be reached, has no such bucket, or refuses access.
    """
    lab = Lab(path)
    if create and not lab.exists:
        lab.create()
    lab.check()
    return lab


class Lab(RemovalVerbs, SearchVerbs, BenchmarkVerbs, SampleVerbs, ReportVerbs):
    """One lab. Use :func:`connect` to get one; every verb that changes something publishes at its end.

    Parameters
    ----------
    path : str or pathlib.Path
        Its directory or address.
    """

    benchmark = benchmark

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
            Processes that read files at once, at most one for each file; None: one for each core, fewer where the files are
            small. What is stored does not depend on it.
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
            Sample table (CSV): one row per run, see :func:`spectradb.ingest.samples.read_samples`.
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

    def embed(
        self,
        model: str = DEFAULT_EMBEDDER,
        *,
        device: str = "cpu",
        batch_size: int = 4096,
        refill: bool = False,
        ray: str | None = None,
        ray_workers: int | None = None,
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
        ray : str, optional
            Embed on a Ray cluster: ``local`` starts one on this machine, ``auto`` finds one there, else its ``host:port``. The
            lab must be on storage that all its machines reach under the same path; ``device`` is then ``cpu`` or ``cuda``.
        ray_workers : int, optional
            Worker processes there; one for every core, or for every GPU, when None.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        EmbedReport
            What was done.
        """
        with embedding_executor(ray, self.record, workers=ray_workers, device=device, embedders=self.embedders) as executor:
            report = fill_embeddings(
                self.record,
                self.locks,
                model,
                embedders=self.embedders,
                device=device,
                batch_size=batch_size,
                refill=refill,
                quiet=quiet,
                executor=executor,
            )
        self.publish()
        return report

    def train(
        self,
        config: PathLike,
        *,
        out: PathLike,
        device: str = "cpu",
        threads: int | None = None,
        library: Sequence[str] = (),
        any_licence: bool = False,
        quiet: bool = True,
    ) -> TrainReport:
        """Train an encoder on the lab's libraries, from where an earlier run in the same directory stopped.

        Parameters
        ----------
        config : str or pathlib.Path
            A shipped configuration (``tiny``, ``small``, ``base``) or a TOML file.
        out : str or pathlib.Path
            Directory of the run: exported spectra, state, and the checkpoint ``<name>.safetensors`` with its model card.
        device : str
            ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
        threads : int, optional
            Threads on the CPU, no more than there are idle cores; all cores when None.
        library : sequence of str
            Libraries to train on; all when empty.
        any_licence : bool
            Take spectra of any licence, and of none stated, for a model that stays in house; its card says so.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        TrainReport
            The checkpoint and its model card.

        Raises
        ------
        BadParameter
            If the configuration is wrong, or the directory holds a run with other settings or spectra.
        NoCollection, NoSpectra
            If there is nothing to train on, or licences and split leave nothing.
        """
        return train_encoder(
            self.published,
            config,
            Path(out),
            libraries=library,
            any_licence=any_licence,
            device=device,
            threads=threads,
            bar=not quiet and sys.stderr.isatty(),
        )

    def _import(
        self, files: PathLike | Iterable[PathLike], settings: ImportSettings, *, processes: int | None, quiet: bool
    ) -> ImportReport:
        self.finish_removals()  # an import of what is being removed would find itself done
        paths = [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files]
        report = import_files(self.record, self.locks, paths, settings, processes=processes, quiet=quiet)
        # Also when nothing changed: the import that did this before may have been killed before it could publish.
        self.publish()
        return report
