"""Ad-hoc search: spectra at hand against a library, without storing anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.half_precision import widened
from spectradb.errors import BadParameter, ModelChanged, NoSpectra
from spectradb.ingest.harmonise import Harmoniser
from spectradb.ingest.peaks import PeakRecipe
from spectradb.ingest.precursor import MAX_ISOLATION_WIDTH
from spectradb.ingest.read_spectra import read_spectra
from spectradb.ingest.readers.raw import RAW_SCHEMA
from spectradb.models.registry import Embedders
from spectradb.search.checks import check_annotated, check_collections, check_embedded, check_number_of_answers, check_window
from spectradb.search.methods.peak_scorers import add_peak_scorer, remove_peak_scorer
from spectradb.search.methods.peaks import EMBEDDING, as_batch, chosen_score, read_peaks
from spectradb.search.nothing_found import why_nothing
from spectradb.search.resolution import low_resolution
from spectradb.search.vectors.approximate import APPROXIMATE, AUTO, TARGET_RECALL, Recall, check_no_index
from spectradb.search.vectors.library_vectors import check_index, library_vectors
from spectradb.store.statements import to_arrow
from spectradb.udfs.embedding import as_arrow, half_precision_vectors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.embedders.embedder import Embedder
    from spectradb.similarity.methods import Setting

MODES = ("positive", "negative")
_ASKED = "asked_spectra"
# By which peaks match unless settings say otherwise.
_PEAK_TOLERANCE_DA = 0.01


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
    """

    hits: pa.Table
    n_read: int
    n_searched: int
    n_answered: int
    dropped: dict[str, int]
    recall: Recall | None = None
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        dropped = "".join(f", {n:,} dropped as {reason}" for reason, n in self.dropped.items())
        counts = f"{self.n_read:,} spectra read, {self.n_searched:,} searched, {self.n_answered:,} with a candidate{dropped}"
        return [counts, *(self.recall.lines() if self.recall else []), *(f"note: {note}" for note in self.notes)]


def search_file(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    *,
    library: str,
    ion_mode: str | None,
    max_isolation_width: float = MAX_ISOLATION_WIDTH,
    model: str,
    ppm: float | None,
    k: int,
    method: str = EMBEDDING,
    settings: Mapping[str, Setting] | None = None,
    embedders: Embedders | None = None,
    index: str = AUTO,
    target_recall: float = TARGET_RECALL,
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
    library, model, ppm, k, method, settings, embedders, index, target_recall, indexes
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
    found, recall = _search(
        con,
        spectra,
        library=library,
        model=model,
        ppm=ppm,
        k=k,
        method=method,
        settings=settings,
        embedders=embedders,
        index=index,
        target_recall=target_recall,
        indexes=indexes,
    )
    dropped = {reason: n for (outcome, reason), n in tally.counts.items() if outcome == "dropped"}
    n_answered = len(found["query_id"].unique())
    coarse = _low_resolution(con, spectra, file.name, ppm=ppm)
    if n_answered == 0:
        con.register(_ASKED, spectra)
        try:
            raise NoSpectra(why_nothing(con, _ASKED, str(file), library, ppm=ppm, coarse=coarse))
        finally:
            con.unregister(_ASKED)
    hits = found.add_column(0, "query", spectra["native_id"].take(found["query_id"]))
    notes = (coarse,) if coarse else ()
    return FileSearch(hits, tally.counts["read", ""], spectra.num_rows, n_answered, dropped, recall, notes)


def _low_resolution(con: duckdb.DuckDBPyConnection, spectra: pa.Table, called: str, *, ppm: float | None) -> str | None:
    described = spectra.select(["native_id", "mz", "intensity", "precursor_mz", "instrument_type"])
    con.register(_ASKED, described.append_column("collection", pa.repeat(called, described.num_rows)))
    try:
        return low_resolution(
            con,
            called,
            ppm=ppm,
            fragment_tolerance_da=_PEAK_TOLERANCE_DA,
            relation=_ASKED,
            tolerance="--method cosine_greedy --setting tolerance_da=",
        )
    finally:
        con.unregister(_ASKED)


def search(
    con: duckdb.DuckDBPyConnection,
    spectra: pa.Table,
    *,
    library: str,
    model: str,
    ppm: float | None,
    k: int,
    method: str = EMBEDDING,
    settings: Mapping[str, Setting] | None = None,
    embedders: Embedders | None = None,
    index: str = AUTO,
    target_recall: float = TARGET_RECALL,
    indexes: Path | None = None,
) -> pa.Table:
    """Search harmonised spectra against a library.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spectra : pyarrow.Table
        n harmonised spectra; their position is the query_id of the result.
    library : str
        Name of the library.
    model : str
        Whose vectors to compare, by the method ``embedding``.
    ppm : float or None
        Half-width of the precursor window in ppm; None: no precursor filter.
    k : int
        Analytes per query (spectra, without a precursor filter).
    method : str
        How to score pairs, one of :data:`spectradb.search.methods.peaks.METHODS`.
    settings : mapping of str to value, optional
        Settings of the method that differ from its defaults.
    embedders : Embedders, optional
        The lab's embedders; those built in when None.
    index : str
        How to find vectors without a precursor filter, one of :data:`spectradb.search.vectors.approximate.INDEXES`.
    target_recall : float
        Recall that an approximate search should reach.
    indexes : pathlib.Path, optional
        Where the lab's search indexes are kept; without it all vectors are compared.

    Returns
    -------
    pyarrow.Table
        Ranked candidates with names, structures and scores.

    Raises
    ------
    NoCollection, NoEmbedding
        If the library is missing or, by the method ``embedding``, has no vectors of the model.
    BadParameter
        If the method, a setting or the index is unknown, or an index was chosen for a search that has no use for it.
    NoModel, BadModel, UntrustedModel, MissingDependency
        If the model cannot be loaded.
    ModelChanged
        If the lab's vectors were made by another version of it.
    NoSpectra
        If there is nothing to search.
    """
    found, _ = _search(
        con,
        spectra,
        library=library,
        model=model,
        ppm=ppm,
        k=k,
        method=method,
        settings=settings,
        embedders=embedders,
        index=index,
        target_recall=target_recall,
        indexes=indexes,
    )
    return found


def _search(
    con: duckdb.DuckDBPyConnection,
    spectra: pa.Table,
    *,
    library: str,
    model: str,
    ppm: float | None,
    k: int,
    method: str,
    settings: Mapping[str, Setting] | None,
    embedders: Embedders | None,
    index: str,
    target_recall: float,
    indexes: Path | None,
) -> tuple[pa.Table, Recall | None]:
    if spectra.num_rows == 0:
        msg = "there is no spectrum to search"
        raise NoSpectra(msg)
    check_window(ppm)
    check_number_of_answers(k)
    check_index(index, target_recall)
    check_collections(con, library)
    check_annotated(con, library)
    score = chosen_score(method, settings, fragment_tolerance_da=None)
    if ppm is not None:
        check_no_index(index)
    elif index == APPROXIMATE and (score is not None or indexes is None):
        raise BadParameter(f"a search by {method} compares all spectra of the library: search with --index exact")
    ids = np.arange(spectra.num_rows)
    queries = pa.table({"id": ids, "precursor_mz": spectra["precursor_mz"], "ion_mode": spectra["ion_mode"]})
    if score is None:
        queries = queries.append_column("embedding", _vectors(con, spectra, library, model, embedders))
        form, scorer = "", None
        values: dict[str, object] = {"library": library, "model": model, "k": k}
    else:
        scorer = add_peak_scorer(con, score, (ids, as_batch(spectra)), read_peaks(con, library))
        form = "_by_peaks"
        values = {"library": library, "k": k, "scorer": scorer}
    con.register("adhoc_queries", queries)
    try:
        if ppm is not None:
            return to_arrow(con, schemas.read(f"queries/adhoc/search{form}"), {**values, "ppm": ppm}), None
        if score is None and indexes is not None:
            sizes = {"n_queries": queries.num_rows, "index": index, "target_recall": target_recall}
            vectors = library_vectors(con, indexes, library=library, model=model, **sizes)
            if vectors.approximate:
                con.register("nearest_pairs", vectors.nearest(con, queries, k, at=k, each_spectrum=True))
                found = to_arrow(con, schemas.read("queries/adhoc/open_search_indexed"), {"k": k})
                con.unregister("nearest_pairs")
                return found, vectors.recall
        return to_arrow(con, schemas.read(f"queries/adhoc/open_search{form}"), values), None
    finally:
        con.unregister("adhoc_queries")
        remove_peak_scorer(scorer)


def _vectors(
    con: duckdb.DuckDBPyConnection, spectra: pa.Table, library: str, model: str, embedders: Embedders | None
) -> pa.FixedSizeListArray:
    """Embed spectra as those of a library were."""
    known = embedders or Embedders()
    check_embedded(con, model, library, embedders=known.names())
    chosen = known.embedder(model)
    check_unchanged(con, chosen)
    return as_arrow(widened(half_precision_vectors(chosen, as_batch(spectra))))


def check_unchanged(con: duckdb.DuckDBPyConnection, model: Embedder) -> None:
    """Check that a model is the one that made the lab's vectors: those of two models cannot be compared.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    model : Embedder
        A model whose vectors it has.

    Raises
    ------
    ModelChanged
        If its fingerprint is another.
    """
    models = con.table("models").to_arrow_table().select(["name", "fingerprint"]).to_pylist()
    before = {row["name"]: row["fingerprint"] for row in models}[model.name]
    if before != model.fingerprint:
        msg = (
            f"the lab's vectors by {model.name} were made by another version of the model ({before[:12]}, now "
            f"{model.fingerprint[:12]}). Embed again with `spectradb embed --model {model.name} --refill`."
        )
        raise ModelChanged(msg)
