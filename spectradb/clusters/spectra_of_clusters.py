"""The spectra that stand for clusters, as rows of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.clusters.consensus import MergedPeaks, merged_peaks
from spectradb.clusters.settings import BEST
from spectradb.ingest.spectra.identity import hash63, record_hashes
from spectradb.ingest.spectra.peaks import clean_peaks, hash_peaks, total_ion_current
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.clusters.settings import ClusterSettings
    from spectradb.ingest.spectra.peaks import PeakRecipe


class Clusters(NamedTuple):
    """n spectra in m clusters.

    Parameters
    ----------
    members : numpy.ndarray of int64, shape (n,)
        Places of the spectra, cluster by cluster, the best member first.
    bounds : numpy.ndarray of int64, shape (m + 1,)
        Cluster c has the members ``bounds[c]:bounds[c + 1]``.
    score : numpy.ndarray of float32, shape (n,)
        The score of each member with the best one.
    """

    members: npt.NDArray[np.int64]
    bounds: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]


class Stored(NamedTuple):
    """What is to be recorded.

    Parameters
    ----------
    spectra : pyarrow.Table
        Rows of ``spectra``, one for each cluster, but for import_id.
    members : pyarrow.Table
        Rows of ``cluster_members``, but for import_id.
    """

    spectra: pa.Table
    members: pa.Table


def spectra_of_clusters(
    con: duckdb.DuckDBPyConnection,
    spectra: PeakBatch,
    ids: pa.ChunkedArray,
    clusters: Clusters,
    settings: ClusterSettings,
    recipe: PeakRecipe,
    collection: str,
) -> Stored:
    """Make the spectrum that stands for each cluster.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spectra : PeakBatch
        The spectra that were clustered.
    ids : pyarrow.ChunkedArray of int64
        Their ids.
    clusters : Clusters
        The clusters.
    settings : ClusterSettings
        How peaks are merged.
    recipe : PeakRecipe
        How the peaks of the study were cleaned, and these are.
    collection : str
        Name of the study that they become.

    Returns
    -------
    Stored
        The rows.
    """
    sizes = np.diff(clusters.bounds)
    if settings.spectrum == BEST:
        best = clusters.members[clusters.bounds[:-1]]
        peaks = merged_peaks(spectra, best, np.arange(len(best) + 1), tolerance_da=0.0, min_share=0.0)
    else:
        merging = {"tolerance_da": settings.fragment_tolerance_da, "min_share": settings.min_share}
        peaks = merged_peaks(spectra, clusters.members, clusters.bounds, **merging)
    offsets, mz, intensity = clean_peaks(*peaks, recipe)
    peaks = MergedPeaks(offsets, mz, intensity.astype(np.float64))
    is_best = np.zeros(len(clusters.members), dtype=bool)
    is_best[clusters.bounds[:-1]] = True
    grouped = {
        "group_place": np.repeat(np.arange(len(sizes)), sizes),
        "spectrum_id": ids.take(pa.array(clusters.members)).combine_chunks(),
        "is_best": is_best,
    }
    con.register("grouped_spectra", pa.table(grouped))
    try:
        columns = to_arrow(con, schemas.read("queries/clusters/consensus_columns"))
    finally:
        con.unregister("grouped_spectra")
    rows = _rows(columns, peaks, collection)
    cluster_ids = rows["spectrum_id"].take(pa.array(grouped["group_place"]))
    members = {"cluster_id": cluster_ids, "spectrum_id": grouped["spectrum_id"], "is_best": is_best, "score": clusters.score}
    return Stored(rows, pa.table(members))


def _rows(columns: pa.Table, peaks: MergedPeaks, collection: str) -> pa.Table:
    """Return rows of ``spectra``; what nobody states is NULL."""
    n = columns.num_rows
    found: dict[str, pa.Array | pa.ChunkedArray] = {name: columns[name] for name in columns.column_names}
    found["spectrum_id"] = pa.array(
        [hash63(collection, native_id) for native_id in columns["native_id"].to_pylist()], pa.int64()
    )
    found |= {
        "collection": pa.array([collection] * n),
        "precursor_mz_stated": columns["precursor_mz"],
        "precursor_source": pa.array(["stated"] * n),
        "precursor_check": pa.array(["unchecked"] * n),
        "mz": pa.ListArray.from_arrays(peaks.offsets.astype(np.int32), peaks.mz),
        "intensity": pa.ListArray.from_arrays(peaks.offsets.astype(np.int32), peaks.intensity.astype(np.float32)),
        "n_peaks": pa.array(np.diff(peaks.offsets).astype(np.int32)),
        "tic": pa.array(total_ion_current(peaks.offsets, peaks.intensity)),
        "peaks_hash": pa.array(hash_peaks(peaks.offsets, peaks.mz, peaks.intensity)),
    }
    schema = table_schema("spectra")
    rows = pa.table({field.name: found.get(field.name, pa.nulls(n, field.type)) for field in schema}).cast(_nullable(schema))
    unstated = {name: pa.nulls(n, pa.string()) for name in ("smiles", "inchikey", "formula", "pubchem_cid")}
    hashed = pa.table({name: rows[name] for name in rows.column_names} | unstated)
    place = rows.schema.get_field_index("record_hash")
    return rows.set_column(place, "record_hash", pa.array(record_hashes(hashed), pa.int64()))


def _nullable(schema: pa.Schema) -> pa.Schema:
    """Return the schema without its constraints: import_id comes later."""
    return pa.schema([pa.field(field.name, field.type) for field in schema])
