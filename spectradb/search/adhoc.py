"""Ad-hoc search: spectra at hand against a library, without storing anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.half_precision import widened
from spectradb.errors import BadParameter, NoSpectra
from spectradb.ingest.read_spectra import read_spectra
from spectradb.ingest.readers.raw import RAW_SCHEMA
from spectradb.ingest.spectra.harmonise import Harmoniser
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH
from spectradb.models.registry import Embedders
from spectradb.search.checks import check_annotated, check_collections, check_embedded
from spectradb.search.methods.spectrum_peaks import as_batch, read_peaks, read_peaks_in_windows
from spectradb.search.nothing_found import why_nothing
from spectradb.search.resolution import low_resolution
from spectradb.search.spec import resolve_method
from spectradb.search.vectors.approximate import APPROXIMATE, Recall
from spectradb.search.vectors.library_vectors import library_vectors
from spectradb.search.vectors.model_version import check_fingerprint, made_by
from spectradb.store.statements import to_arrow
from spectradb.udfs.embedding import as_arrow, half_precision_vectors

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.search.methods.spectrum_peaks import PeakSide
    from spectradb.search.spec import SearchSpec

MODES = ("positive", "negative")
_ASKED = "asked_spectra"


def one_spectrum(
    mz: npt.ArrayLike, intensity: npt.ArrayLike, precursor_mz: float, *, ion_mode: str, recipe: PeakRecipe | None = None
) -> pa.Table:
    """Harmonise one spectrum as an import would.

    Parameters
    ----------
    mz, intensity : sequence of float, shape (n_peaks,)
        Peaks, in any order and unit of intensity.
    precursor_mz : float
        m/z of the precursor ion.
    ion_mode : str
        ``"positive"`` or ``"negative"``.
    recipe : PeakRecipe, optional
        How to clean the peaks; the default recipe when None.

    Returns
    -------
    pyarrow.Table
        One harmonised spectrum.

    Raises
    ------
    BadParameter
        If the peaks, the precursor or the ion mode cannot be used.
    """
    if ion_mode not in MODES:
        msg = f"ion_mode {ion_mode!r} must be 'positive' or 'negative'"
        raise BadParameter(msg)
    row = {
        "native_id": "query",
        "place": "query",
        "precursor_mz": float(precursor_mz),
        "ion_mode": ion_mode,
        "mz": np.asarray(mz, dtype=np.float64).tolist(),
        "intensity": np.asarray(intensity, dtype=np.float64).tolist(),
    }
    harmoniser = Harmoniser("query", "study", recipe or PeakRecipe())
    spectra = harmoniser.apply(pa.RecordBatch.from_pylist([row], schema=RAW_SCHEMA))
    if spectra.num_rows == 0:
        reasons = ", ".join(reason for outcome, reason in harmoniser.tally.counts if outcome == "dropped")
        msg = f"the spectrum cannot be searched: {reasons}. Give peaks of positive intensity and a positive precursor m/z."
        raise BadParameter(msg)
    return spectra


@dataclass(frozen=True)
class FileSearch:
    """What the search of a file found.

    Parameters
    ----------
    hits : pyarrow.Table
        Ranked candidates, led by the native_id of the query.
    n_read, n_searched, n_answered : int
        Spectra in the file, those that could be searched, and those with a candidate.
    dropped : dict of str to int
        Spectra that could not be searched, by reason.
    recall : Recall or None
        What an approximate search found of what an exact one finds; None where all vectors were compared.
    notes : tuple of str
        What makes its answers doubtful, each with the remedy.
    spectra : pyarrow.Table or None
        The spectra that were searched, harmonised; the hits' query_id counts their rows.
    drawn : tuple of str
        What was drawn of it, and where.
    """

    hits: pa.Table
    n_read: int
    n_searched: int
    n_answered: int
    dropped: dict[str, int]
    recall: Recall | None = None
    notes: tuple[str, ...] = ()
    spectra: pa.Table | None = None
    drawn: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        dropped = "".join(f", {n:,} dropped as {reason}" for reason, n in self.dropped.items())
        counts = f"{self.n_read:,} spectra read, {self.n_searched:,} searched, {self.n_answered:,} with a candidate{dropped}"
        notes = (f"note: {note}" for note in self.notes)
        return [counts, *(self.recall.lines() if self.recall else []), *notes, *self.drawn]


def search_file(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    spec: SearchSpec,
    *,
    ion_mode: str | None,
    max_isolation_width: float = MAX_ISOLATION_WIDTH,
    embedders: Embedders | None = None,
    indexes: Path | None = None,
) -> FileSearch:
    """Search the spectra of a file against a library.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    file : pathlib.Path
        A file of a known format.
    ion_mode : {"positive", "negative"}, optional
        Ion mode of spectra that do not tell theirs.
    max_isolation_width : float
        Widest isolation window, in m/z, whose spectra have a precursor.
    spec, embedders, indexes
        As for :func:`search`.

    Returns
    -------
    FileSearch
        The candidates and the counts.

    Raises
    ------
    NoSpectra
        If no spectrum of the file can be searched, or none has a candidate.
    """
    spectra, tally = read_spectra(file, ion_mode=ion_mode, max_isolation_width=max_isolation_width)
    hits, recall = _search(con, spectra, spec, embedders, indexes)
    dropped = {reason: n for (outcome, reason), n in tally.counts.items() if outcome == "dropped"}
    n_answered = len(hits["query_id"].unique())
    coarse = _low_resolution(con, spectra, file.name, spec)
    if n_answered == 0:
        con.register(_ASKED, spectra)
        try:
            raise NoSpectra(why_nothing(con, _ASKED, str(file), spec.library, ppm=spec.ppm, coarse=coarse))
        finally:
            con.unregister(_ASKED)
    hits = hits.add_column(0, "query", spectra["native_id"].take(hits["query_id"]))
    notes = (coarse,) if coarse else ()
    return FileSearch(hits, tally.counts["read", ""], spectra.num_rows, n_answered, dropped, recall, notes, spectra)


def _low_resolution(con: duckdb.DuckDBPyConnection, spectra: pa.Table, called: str, spec: SearchSpec) -> str | None:
    described = spectra.select(["native_id", "mz", "intensity", "precursor_mz", "instrument_type"])
    con.register(_ASKED, described.append_column("collection", pa.repeat(called, described.num_rows)))
    try:
        return low_resolution(
            con,
            called,
            ppm=spec.ppm,
            fragment_tolerance_da=spec.fragment_tolerance_da,
            relation=_ASKED,
            tolerance="--method cosine_greedy --setting tolerance_da=",
        )
    finally:
        con.unregister(_ASKED)


def search(
    con: duckdb.DuckDBPyConnection,
    spectra: pa.Table,
    spec: SearchSpec,
    *,
    embedders: Embedders | None = None,
    indexes: Path | None = None,
) -> pa.Table:
    """Search harmonised spectra against a library.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spectra : pyarrow.Table
        n harmonised spectra; their position is the query_id of the result.
    spec : SearchSpec
        What to search and how, its study :data:`spectradb.search.spec.AT_HAND`. Without a precursor window spectra are found,
        not analytes.
    embedders : Embedders, optional
        The lab's embedders; those built in when None.
    indexes : pathlib.Path, optional
        Where the lab's search indexes are kept; without it all vectors are compared.

    Returns
    -------
    pyarrow.Table
        Ranked candidates with names, structures and scores.

    Raises
    ------
    NoCollection, NoEmbedding
        If the library is missing or has no vectors of the model where they are compared.
    BadParameter
        If the method is for searches that are recorded, a setting is unknown, or an index was chosen for a search that has no
        use for it.
    NoModel, BadModel, UntrustedModel, MissingDependency
        If the model cannot be loaded.
    ModelChanged
        If the lab's vectors were made by another version of it.
    NoSpectra
        If there is nothing to search.
    """
    return _search(con, spectra, spec, embedders, indexes)[0]


def _search(
    con: duckdb.DuckDBPyConnection, spectra: pa.Table, spec: SearchSpec, embedders: Embedders | None, indexes: Path | None
) -> tuple[pa.Table, Recall | None]:
    if spectra.num_rows == 0:
        msg = "there is no spectrum to search"
        raise NoSpectra(msg)
    check_collections(con, spec.library)
    check_annotated(con, spec.library)
    method = resolve_method(con, spec)
    folder = indexes if spec.ppm is None and method.by_nearest else None
    if spec.index == APPROXIMATE and folder is None:
        raise BadParameter(f"a search by {spec.method} compares all spectra of the library: search with --index exact")
    ids = np.arange(spectra.num_rows)
    queries = pa.table({"id": ids, "precursor_mz": spectra["precursor_mz"], "ion_mode": spectra["ion_mode"]})
    if method.needs_vectors:
        queries = queries.append_column("embedding", _vectors(con, spectra, spec, embedders))
    statement = method.at_hand(spec.job())
    values = {**({"k": spec.k} if spec.ppm is None else {"k": spec.k, "ppm": spec.ppm}), **statement.values}
    con.register("adhoc_queries", queries)
    try:
        nearest = _nearest(con, queries, spec, folder) if folder else None
        if nearest:
            return nearest
        with method.prepare(con, lambda: ((ids, as_batch(spectra)), _library_peaks(con, spec))) as prepared:
            return to_arrow(con, statement.text, {**values, **prepared}), None
    finally:
        con.unregister("adhoc_queries")


def _library_peaks(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> PeakSide:
    return read_peaks(con, spec.library) if spec.ppm is None else read_peaks_in_windows(con, spec.library, spec.ppm)


def _nearest(
    con: duckdb.DuckDBPyConnection, queries: pa.Table, spec: SearchSpec, folder: Path
) -> tuple[pa.Table, Recall | None] | None:
    """Search by a vector index where that is asked for or fits; None: all vectors are to be compared."""
    sizes = {"n_queries": queries.num_rows, "index": spec.index, "target_recall": spec.target_recall}
    vectors = library_vectors(con, folder, library=spec.library, model=spec.model, **sizes)
    if not vectors.approximate:
        return None
    pairs, recall = vectors.nearest(con, queries, spec.k, at=spec.k, each_spectrum=True)
    con.register("nearest_pairs", pairs)
    try:
        return to_arrow(con, schemas.read("queries/adhoc/open_search_indexed"), {"model": spec.model, "k": spec.k}), recall
    finally:
        con.unregister("nearest_pairs")


def _vectors(
    con: duckdb.DuckDBPyConnection, spectra: pa.Table, spec: SearchSpec, embedders: Embedders | None
) -> pa.FixedSizeListArray:
    """Embed spectra as those of a library were."""
    known = embedders or Embedders()
    check_embedded(con, spec.model, spec.library, embedders=known.names())
    chosen = known.embedder(spec.model)
    check_fingerprint(chosen, made_by(con, chosen.name))
    return as_arrow(widened(half_precision_vectors(chosen, as_batch(spectra))))
