"""What the spectra are whose vectors are refined, and the refinement of a library whose vectors stay on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.similarity.refined_vectors import Refinement
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt

    from spectradb.similarity.refined_vectors import RefinementConfig
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

    Rows = npt.NDArray[np.int64]


class VectorOrigins(NamedTuple):
    """Columns of n spectra; names are numbers.

    Parameters
    ----------
    id : numpy.ndarray of shape (n,), int64
        Their spectrum_id.
    analyte, ion_mode, contributor : numpy.ndarray of shape (n,), int64
        Numbers of their analytes, ion modes and contributors. Those without a contributor share a number, as if all were of one
        laboratory.
    precursor_mz : numpy.ndarray of shape (n,), float64
        Precursor m/z.
    """

    id: Rows
    analyte: Rows
    ion_mode: Rows
    contributor: Rows
    precursor_mz: npt.NDArray[np.float64]

    def take(self, rows: Rows) -> VectorOrigins:
        """Pick spectra.

        Parameters
        ----------
        rows : numpy.ndarray of shape (m,), int64
            Which.

        Returns
        -------
        VectorOrigins
            m spectra.
        """
        return VectorOrigins._make(column[rows] for column in self)


def origin_table(
    con: duckdb.DuckDBPyConnection,
    collection: str,
    model: str,
    *,
    as_queries: bool = False,
    contributors: object = None,
    query_range: object = None,
) -> pa.Table:
    """Read what the spectra of a collection are that have vectors, without the vectors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    collection, model : str
        Whose spectra, with vectors by which model.
    as_queries : bool
        Give the precursor m/z that their source states, not the one at which a library is searched.
    contributors : list of str, optional
        Whose spectra; all when None.
    query_range : (int, int), optional
        The first and the last id; all when None.

    Returns
    -------
    pyarrow.Table
        spectrum_id, analyte_id, precursor_mz, ion_mode, contributor and peaks_hash, by spectrum_id.
    """
    of_spectra = {"as_queries": as_queries, "contributors": contributors, "query_range": query_range}
    values = {"collection": collection, "model": model, **of_spectra}
    return to_arrow(con, schemas.read("queries/identify/vector_origins"), values)


def known_analytes(spectra: pa.Table) -> pa.Table:
    """Keep the spectra of known analytes.

    Parameters
    ----------
    spectra : pyarrow.Table
        Spectra with analyte_id.

    Returns
    -------
    pyarrow.Table
        Those that have one.
    """
    return spectra.filter(pa.compute.is_valid(spectra["analyte_id"]))


def coded_origins(*tables: pa.Table) -> list[VectorOrigins]:
    """Turn the names in tables of spectra into numbers, alike in all of them.

    Parameters
    ----------
    *tables : pyarrow.Table
        As :func:`origin_table` gives.

    Returns
    -------
    list of VectorOrigins
        One for each table.
    """
    together = pa.concat_tables(tables)
    codes = [_codes(together[name]) for name in ("analyte_id", "ion_mode", "contributor")]
    columns = (together["spectrum_id"].to_numpy(), *codes, together["precursor_mz"].to_numpy())
    ends = np.cumsum([table.num_rows for table in tables])
    return [VectorOrigins._make(parts) for parts in zip(*(np.split(column, ends[:-1]) for column in columns), strict=True)]


def library_refinement(library: VectorOrigins, vectors: IndexedVectors, *, ppm: float, config: RefinementConfig) -> Refinement:
    """Make a library ready for being refined.

    Parameters
    ----------
    library : VectorOrigins
        Its spectra, of known analytes.
    vectors : IndexedVectors
        The vectors of these spectra, and of others maybe.
    ppm : float
        Half-width of the precursor window in ppm.
    config : RefinementConfig
        How much to refine.

    Returns
    -------
    Refinement
        The refinement; its rows are those of ``library``.
    """
    by_id = np.argsort(vectors.ids)
    places = by_id[np.searchsorted(vectors.ids, library.id, sorter=by_id)]
    return Refinement(
        lambda rows: vectors.at(places[rows]),
        analyte=library.analyte,
        precursor_mz=library.precursor_mz,
        ion_mode=library.ion_mode,
        ppm=ppm,
        config=config,
    )


def _codes(names: pa.ChunkedArray) -> Rows:
    encoded = pa.compute.dictionary_encode(names.cast(pa.string()), null_encoding="encode").combine_chunks()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
