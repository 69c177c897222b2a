"""Open searches of studies: without a precursor filter, exact, in batches; and analogues, scored by peaks on a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.errors import BadParameter, UnreadableFile
from spectradb.search.fusion import FUSED, Fusion
from spectradb.search.methods import forget_peak_score, read_peaks, register_peak_score
from spectradb.search.nearest_analytes import LIBRARY_ROWS, nearest_analytes
from spectradb.store.collection_indexes import collection_index
from spectradb.store.search_index_format import IndexedVectors, open_search_index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.similarity.pairs import PeakScore
    from spectradb.store.record import Record

#: Analytes on the shortlist that a score of peaks ranks, for each analyte asked for.
SHORTLIST = 10


@dataclass(frozen=True)
class OpenSearch:
    """How to search without a precursor filter.

    Parameters
    ----------
    record : Record
        The lab's record.
    folder : pathlib.Path
        Where its search indexes are kept.
    score : PeakScore or None
        What ranks the k * :data:`SHORTLIST` analytes nearest by embedding; None: the embedding itself.
    k : int
        Analytes per query.
    device : str
        Where vectors are multiplied: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    """

    record: Record
    folder: Path
    score: PeakScore | None
    k: int
    device: str

    @property
    def settings(self) -> dict[str, object]:
        """What searches record of it."""
        return {"shortlist": self.k * SHORTLIST} if self.score else {}

    def hits(
        self,
        con: duckdb.DuckDBPyConnection,
        values: Mapping[str, object],
        *,
        study: str,
        library: str,
        model: str,
    ) -> pa.Table:
        """Identify a study against a library, whatever the precursors.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        values : mapping
            search_id, fragment_tolerance_da and contributors of the search.
        study, library, model : str
            What is searched, by whose vectors.

        Returns
        -------
        pyarrow.Table
            The hits.

        Raises
        ------
        UnreadableFile
            If the index cannot be read even when built anew.
        """
        n_kept = self.k * SHORTLIST if self.score else self.k + 1
        of_queries = {"contributors": values["contributors"]}
        queries = con.sql(schemas.fill("queries/open_queries", study=study, model=model), params=of_queries).to_arrow_table()
        pairs = self._pairs(queries, self._vectors(con, library, model), n_kept)
        con.register("nearest_pairs", pairs)
        try:
            if self.score:
                spectra = read_peaks(con, study, library)
                register_peak_score(con, self.score, spectra, spectra)
                pairs = con.sql(schemas.read("queries/score_shortlist")).to_arrow_table()
                con.register("nearest_pairs", pairs)
            wanted = {"k": self.k, **{name: values[name] for name in ("search_id", "fragment_tolerance_da")}}
            return con.sql(schemas.read("queries/identify_open"), params=wanted).to_arrow_table()
        finally:
            con.unregister("nearest_pairs")
            forget_peak_score(con)

    def _vectors(self, con: duckdb.DuckDBPyConnection, library: str, model: str) -> IndexedVectors:
        def index(*, rebuild: bool) -> IndexedVectors:
            of_library = collection_index(
                con, self.folder, collection=library, model=model, record=self.record, rebuild=rebuild
            )
            return open_search_index(of_library.path)

        try:
            return index(rebuild=False)
        except UnreadableFile:
            return index(rebuild=True)

    def _pairs(self, queries: pa.Table, library: IndexedVectors, n_kept: int) -> pa.Table:
        modes = queries["ion_mode"].to_numpy()
        ids = queries["id"].to_numpy()
        n_rows = len(library.ids)
        rows_of = {"negative": slice(0, library.n_negative), "positive": slice(library.n_negative, n_rows)}
        parts = [
            self._pairs_of_mode(ids[of_mode], _matrix(queries.filter(pa.array(of_mode))), library, rows, n_kept)
            for mode, rows in rows_of.items()
            if (of_mode := modes == mode).any() and rows.start < rows.stop
        ]
        return pa.concat_tables(parts) if parts else _PAIRS.empty_table()

    def _pairs_of_mode(
        self, ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32], library: IndexedVectors, rows: slice, n_kept: int
    ) -> pa.Table:
        analytes = library.analytes[rows]
        n_analytes = len(np.unique(analytes[analytes >= 0]))
        n_kept = min(n_kept, max(n_analytes, 1))
        blocks = library.blocks(rows, LIBRARY_ROWS)
        found = nearest_analytes(vectors, blocks, library.analytes, library.ids, n_kept, device=self.device)
        query, place = np.nonzero(found.analyte >= 0)
        columns = [ids[query], library.ids[found.row[query, place]], found.score[query, place], np.full(len(query), n_analytes)]
        return pa.Table.from_arrays([pa.array(column) for column in columns], names=_PAIRS.names).cast(_PAIRS)


_PAIRS = pa.schema({"query_id": pa.int64(), "library_id": pa.int64(), "score": pa.float32(), "n_library_analytes": pa.int64()})


def _matrix(queries: pa.Table) -> npt.NDArray[np.float32]:
    vectors = queries["embedding"].combine_chunks()
    return np.ascontiguousarray(vectors.flatten().to_numpy().reshape(len(vectors), -1), dtype=np.float32)


def open_search(
    record: Record, folder: Path | None, score: PeakScore | Fusion | None, *, k: int, device: str, left_out: str | None
) -> OpenSearch:
    """Return what searches without a precursor filter, once it is clear that it can.

    Parameters
    ----------
    record : Record
        The lab's record.
    folder : pathlib.Path or None
        Where its search indexes are kept.
    score : PeakScore, Fusion or None
        What ranks the analytes nearest by embedding; None: the embedding itself.
    k : int
        Analytes per query.
    device : str
        Where vectors are multiplied.
    left_out : str or None
        What queries are kept from.

    Returns
    -------
    OpenSearch
        The search.

    Raises
    ------
    BadParameter
        If the method mixes scores, something is left out, this machine has no such device, or there is no folder.
    """
    if left_out:
        raise BadParameter(f"a search without a precursor filter leaves out no {left_out}: give --ppm")
    if isinstance(score, Fusion):
        raise BadParameter(f"a search without a precursor filter does not search by {FUSED}: give --ppm, or another method")
    if folder is None:
        raise BadParameter("a search without a precursor filter needs a folder for the library's index")
    if device != "cpu":
        from spectradb.encoder.device import torch_device  # noqa: PLC0415 - imports PyTorch

        torch_device(device)
    return OpenSearch(record, folder, score, k, device)
