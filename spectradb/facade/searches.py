"""What a lab does with searches: identify, calibrate, search, search_file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from spectradb.arrays.matchms_spectra import QuerySpectrum, is_matchms, query_spectrum
from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH
from spectradb.search.engines import AUTO
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.run import in_this_process, run_search
from spectradb.search.search_names import Naming
from spectradb.search.spec import AT_HAND, DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM, SearchSpec
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL
from spectradb.search.vectors.open_model import model_of_search
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from matchms import Spectrum

    from spectradb.search.adhoc import FileSearch
    from spectradb.search.refined_export import RefineReport
    from spectradb.search.run import SearchExecutor
    from spectradb.search.search_report import SearchReport
    from spectradb.similarity.methods import Setting
    from spectradb.workspace.lab_files import PathLike


class Searches(Part):
    """The verbs about searches; what is recorded is published at their end."""

    def identify(
        self,
        study: str,
        library: str,
        *,
        method: str = EMBEDDING,
        model: str | None = None,
        settings: Mapping[str, Setting] | None = None,
        left_out: str | None = None,
        contributors: Sequence[str] | None = None,
        ppm: float | None = DEFAULT_PPM,
        k: int = DEFAULT_K,
        fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA,
        name: str | None = None,
        replace: bool = False,
        purpose: str | None = None,
        engine: str = AUTO,
        device: str = "cpu",
        index: str = INDEX_AUTO,
        target_recall: float = TARGET_RECALL,
        clusters: str | bool = False,
        ray: str | None = None,
        ray_workers: int | None = None,
    ) -> SearchReport:
        """Identify the spectra of a study against a library; the search and its hits are recorded.

        Parameters
        ----------
        study, library : str
            Names of collections; the same where a library is tested on itself.
        method : str
            How to score pairs of spectra: ``embedding``, ``cosine_greedy``, ``cosine_hungarian``, ``modified_cosine``,
            ``modified_cosine_hungarian``, ``weighted_cosine`` or ``entropy_similarity``; ``merged`` (embeddings, an analyte's
            best spectra merged), ``refined`` (``merged``, by library vectors in which little counts what varies among spectra
            of one analyte) or ``fused`` (embeddings and a score of peaks).
        model : str, optional
            Whose vectors to compare, unless by a score of peaks. When None the lab's default model; of an open search
            ``spectradb_analogue``, where study and library have its vectors.
        settings : mapping of str to value, optional
            Settings of the method that differ from its defaults, such as ``{"intensity_power": 1.0}``.
        left_out : {"contributor", "copies"}, optional
            Keep each query from spectra of its own contributor and from copies of itself, or from those copies alone.
        contributors : sequence of str, optional
            Search only the spectra of these contributors.
        ppm : float or None
            Half-width of the precursor window in ppm of the query's precursor m/z; None: an open search, without precursor
            filter, in which a score of peaks ranks the analytes nearest by embedding (analogues).
        k : int
            Analytes kept per query.
        fragment_tolerance_da : float
            Tolerance in Da for counting matched peaks, and that of scores of peaks unless their settings say otherwise.
        name : str, optional
            Name of the search; when None, one that says what is searched and how. The same search is found again by it.
        replace : bool
            Search anew, and take the place of the search that has the name, with what hangs on it.
        purpose : str, optional
            Word with which a name that is made begins.
        engine : {"auto", "sql", "native"}
            What compares vectors: plain SQL, or the native extension over a search index of the library; the hits are the same.
            ``auto`` takes the extension where it is built (``spectradb native build``).
        device : str
            Where an open search multiplies vectors: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
        index : {"auto", "exact", "approximate"}
            How an open search finds vectors: it compares all, or asks a vector index, which is built where it is missing, and
            measures its recall against exact search. ``auto`` asks the index where library and queries are large.
        target_recall : float
            Recall that an approximate search should reach; it looks at more of the index until it does.
        clusters : str or bool
            Search what stands for the clusters of the study (:meth:`cluster`) in the place of its spectra, and give every
            member what was found, marked by ``cluster_id``. True: the only clustering of the study; else its name.
        ray : str, optional
            Search on a Ray cluster, with a precursor filter: ``local`` starts one on this machine, ``auto`` finds one there,
            else its ``host:port``. The lab must be on storage that all its machines reach under the same path.
        ray_workers : int, optional
            Worker processes there; one for every core when None.

        Returns
        -------
        SearchReport
            What was done; where the same search was done before under the name, what was found then.

        Raises
        ------
        SearchExists
            If another search has the name that was asked for, and is not to be replaced.
        NoCollection, NoEmbedding, NoSpectra, BadParameter
            If what is to be searched is missing or empty, or a parameter means nothing.
        """
        spec = SearchSpec(
            study=study,
            library=library,
            model=model or model_of_search(self.files, ppm, study, library),
            method=method,
            settings=settings,
            left_out=left_out,
            contributors=contributors,
            ppm=ppm,
            k=k,
            fragment_tolerance_da=fragment_tolerance_da,
            engine=engine,
            device=device,
            index=index,
            target_recall=target_recall,
            clusters=clusters if isinstance(clusters, str) else ("" if clusters else None),
        )
        return run_search(
            self.files,
            spec,
            Naming(name=name, replace=replace, purpose=purpose, default_model=self.files.default_model),
            executor=in_this_process if ray is None else _on_cluster(ray, ray_workers),
        )

    def refine(
        self,
        library: str,
        file: PathLike,
        *,
        model: str | None = None,
        ppm: float = DEFAULT_PPM,
        settings: Mapping[str, Setting] | None = None,
    ) -> RefineReport:
        """Write a library's refined vectors to a Parquet file: what ``identify`` compares by the method ``refined``.

        With them the macros ``similarity_join`` and ``rank_analytes`` search so in a plain DuckDB shell.

        Parameters
        ----------
        library : str
            Name of the library.
        file : str or pathlib.Path
            The file to write: id, analyte_id, precursor_mz, ion_mode, contributor, peaks_hash and embedding.
        model : str, optional
            Whose vectors to refine; the lab's default model when None.
        ppm : float
            Half-width of the precursor window in ppm, that of the searches to come.
        settings : mapping of str to value, optional
            ``neighbours`` and ``strength``.

        Returns
        -------
        RefineReport
            What was done.

        Raises
        ------
        BadParameter
            If the file is not to be Parquet, or a setting is unknown or out of range.
        NoCollection, NoEmbedding, NoSpectra
            If the library is missing, has no vectors, or none of a known analyte.
        """
        from spectradb.search.methods.refined import resolve_refined  # noqa: PLC0415 - this verb alone needs them
        from spectradb.search.refined_export import refine  # noqa: PLC0415

        config = resolve_refined(settings, to_search=False).refinement
        with open_published(self.files.published) as con:
            return refine(
                con,
                self.files.indexes,
                Path(file),
                library=library,
                model=model or self.files.default_model,
                ppm=ppm,
                config=config,
            )

    def search(
        self,
        mz: Sequence[float] | Spectrum,
        intensity: Sequence[float] | None = None,
        precursor_mz: float | None = None,
        *,
        library: str,
        ion_mode: str | None = None,
        method: str = EMBEDDING,
        model: str | None = None,
        settings: Mapping[str, Setting] | None = None,
        ppm: float | None = DEFAULT_PPM,
        k: int = DEFAULT_K,
        index: str = INDEX_AUTO,
        target_recall: float = TARGET_RECALL,
    ) -> pa.Table:
        """Search one spectrum at hand against a library; nothing is recorded.

        Parameters
        ----------
        mz, intensity : sequence of float, shape (n_peaks,)
            Its peaks. In the place of both, ``mz`` may be a ``matchms.Spectrum``.
        precursor_mz : float
            m/z of its precursor; of a spectrum of matchms, in the place of what its metadata say.
        library : str
            Name of the library.
        ion_mode : str
            ``"positive"`` or ``"negative"``; when None what the metadata of a spectrum of matchms say, and positive of peaks.
        method : str
            How to score pairs of spectra, as for :meth:`identify`.
        model : str, optional
            Whose vectors to compare, by the method ``embedding``. When None the lab's default model; of an open search
            ``spectradb_analogue``, where the library has its vectors.
        settings : mapping of str to value, optional
            Settings of the method that differ from its defaults.
        ppm : float or None
            Half-width of the precursor window in ppm; None: an open search, without precursor filter.
        k : int
            Analytes to return.
        index : {"auto", "exact", "approximate"}
            How to find vectors without a precursor filter, as for :meth:`identify`.
        target_recall : float
            Recall that an approximate search should reach.

        Returns
        -------
        pyarrow.Table
            Ranked candidates with names, structures and scores; no row when the window holds none.
        """
        opened = self.files.opened()
        spec = SearchSpec(
            study=AT_HAND,
            library=library,
            model=model or (opened.default_model if ppm is not None else model_of_search(self.files, ppm, library)),
            method=method,
            settings=settings,
            ppm=ppm,
            k=k,
            index=index,
            target_recall=target_recall,
        )
        from spectradb.search.adhoc import one_spectrum, search  # noqa: PLC0415 - loads what imports spectra
        from spectradb.search.resident.search import search_resident  # noqa: PLC0415 - the same

        peaks = _query(mz, intensity, precursor_mz, ion_mode)
        found = search_resident(opened, [peaks], spec, embedders=self.files.embedders)
        if found is not None:
            return found
        spectra = one_spectrum(peaks.mz, peaks.intensity, peaks.precursor_mz, ion_mode=peaks.ion_mode)
        # Of the file's functions none runs a model: vectors of the query are made here.
        with opened.cursor(statement="") as con:
            return search(con, spectra, spec, embedders=self.files.embedders, indexes=self.files.indexes)

    def search_file(
        self,
        file: PathLike,
        *,
        library: str,
        ion_mode: str | None = None,
        max_isolation_width: float = MAX_ISOLATION_WIDTH,
        method: str = EMBEDDING,
        model: str | None = None,
        settings: Mapping[str, Setting] | None = None,
        ppm: float | None = DEFAULT_PPM,
        k: int = DEFAULT_K,
        index: str = INDEX_AUTO,
        target_recall: float = TARGET_RECALL,
        plot: PathLike | None = None,
    ) -> FileSearch:
        """Search the spectra of a file against a library; nothing is recorded.

        Parameters
        ----------
        file : str or pathlib.Path
            A file of a known format.
        ion_mode : {"positive", "negative"}, optional
            Ion mode of spectra that do not tell theirs.
        max_isolation_width : float
            Widest isolation window, in m/z; spectra of wider ones (DIA, MSE) have no precursor and are dropped.
        library, method, model, settings, ppm, k, index, target_recall
            As for :meth:`search`.
        plot : str or pathlib.Path, optional
            File to draw the best hit of all in, .svg or .png: its query over the library spectrum.

        Returns
        -------
        FileSearch
            Ranked candidates of every spectrum, and the counts of what was read, dropped and answered.

        Raises
        ------
        NoSpectra
            If no spectrum of the file can be searched, or none has a candidate.
        BadParameter
            If a setting means nothing, or the file to draw in has another suffix.
        """
        if plot is not None:
            from spectradb.figures.at_hand import check_plot, plot_best  # noqa: PLC0415 - matplotlib takes a second to import

            check_plot(Path(plot))
        spec = SearchSpec(
            study=AT_HAND,
            library=library,
            model=model or model_of_search(self.files, ppm, library),
            method=method,
            settings=settings,
            ppm=ppm,
            k=k,
            index=index,
            target_recall=target_recall,
        )
        from spectradb.search.adhoc import search_file  # noqa: PLC0415 - loads what reads files

        with self.files.cursor() as con:
            found = search_file(
                con,
                Path(file),
                spec,
                ion_mode=ion_mode,
                max_isolation_width=max_isolation_width,
                embedders=self.files.embedders,
                indexes=self.files.indexes,
            )
            if plot is None or found.spectra is None:
                return found
            tolerance = spec.fragment_tolerance_da
            drawn = plot_best(con, found.hits, found.spectra, tolerance=tolerance, search=Path(file).name, out=Path(plot))
            return replace(found, drawn=tuple(drawn.lines()))


def _on_cluster(address: str, workers: int | None) -> SearchExecutor:
    from spectradb.distributed.identify import on_cluster  # noqa: PLC0415 - few labs are searched by a cluster

    return partial(on_cluster, address=address, workers=workers)


def _query(
    mz: Sequence[float] | Spectrum, intensity: Sequence[float] | None, precursor_mz: float | None, ion_mode: str | None
) -> QuerySpectrum:
    if is_matchms(mz):
        if intensity is not None:
            raise BadParameter("a spectrum of matchms has its intensities. Leave intensity out")
        return query_spectrum(cast("Spectrum", mz), precursor_mz=precursor_mz, ion_mode=ion_mode)
    if isinstance(mz, list | tuple) and any(is_matchms(one) for one in mz):
        msg = f"{len(mz)} spectra were given where one is searched. Call search for each, or write a file and call search_file"
        raise BadParameter(msg)
    if intensity is None or precursor_mz is None:
        raise BadParameter("peaks need intensity and precursor_mz as well. Give both, or a matchms.Spectrum")
    peaks = cast("Sequence[float]", mz)
    return QuerySpectrum(
        np.asarray(peaks, dtype=np.float64), np.asarray(intensity, dtype=np.float64), precursor_mz, ion_mode or "positive"
    )
