"""The verb cluster: repeated spectra of a study become clusters, each with one spectrum that stands for it.

What stands for the clusters is a study of its own, which every verb can work on. It counts from the moment its row in
``imports`` takes the place of the one before, in one commit: whenever the process is killed, either clustering is whole.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb import __version__, schemas
from spectradb.clusters.alike import Neighbourhood, Pairs, alike, by_peaks, by_vectors
from spectradb.clusters.linkage import complete_groups
from spectradb.clusters.recorded_clusters import record_clusters, row_of_clustering
from spectradb.clusters.report import ClusterReport
from spectradb.clusters.spectra_of_clusters import Clusters, spectra_of_clusters
from spectradb.embedding.embed import fill_embeddings
from spectradb.errors import NoSpectra
from spectradb.ingest.collection_state import remove_killed_imports
from spectradb.ingest.spectra.identity import import_identity
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.search.checks import check_collections, check_embedded
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.peaks import resolve_score
from spectradb.search.methods.spectrum_peaks import as_batch
from spectradb.search.vectors.library_vectors import LibraryVectors
from spectradb.similarity.cosine import CosineGreedy
from spectradb.store.locks import exclusive
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt
    import pyarrow as pa

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.clusters.alike import Scorer
    from spectradb.clusters.settings import ClusterSettings
    from spectradb.workspace.lab_files import LabFiles


@dataclass(frozen=True)
class _Scored:
    """What scores the pairs, and which of the spectra it cannot."""

    score: Scorer
    content: str
    n_without_vector: int


def cluster(files: LabFiles, study: str, settings: ClusterSettings, *, into: str) -> ClusterReport:
    """Cluster the repeated spectra of a study, and record the clusters with a spectrum for each.

    Parameters
    ----------
    files : LabFiles
        The lab.
    study : str
        Name of the study or library.
    settings : ClusterSettings
        How.
    into : str
        Name of the study that what stands for the clusters is stored in; one that an earlier clustering of the study made is
        replaced.

    Returns
    -------
    ClusterReport
        What was done.

    Raises
    ------
    NoCollection, NoEmbedding, NoModel
        If the lab has no such thing.
    NoSpectra
        If the study has no spectra.
    CollectionExists
        If the name is that of spectra that no clustering of the study made.
    """
    begun = time.monotonic()
    schemas.identifier(into, "study")
    with exclusive(files.locks / f"import-{into.lower()}.lock"):
        remove_killed_imports(files.record, into)
        record_version = files.record.version("spectra")
        with open_published(files.published) as con:
            check_collections(con, study)
            recipe = _recipe(con, study)
            row = row_of_clustering(files.record, study, into, recipe)
            table = to_arrow(con, schemas.read("queries/clusters/study_spectra"), {"collection": study})
            if not table.num_rows:
                raise NoSpectra(f"{study} has no spectra to cluster. Import some into it.")
            spectra = as_batch(table)
            scored = _scorer(con, files, study, settings, spectra, table["spectrum_id"].to_numpy())
            told = {**asdict(settings), "study": study, "into": into, "version": 1, "recipe": recipe.to_json()}
            import_id = import_identity(told, [(study, _digest(table, scored.content))])
            unchanged = row is not None and row["import_id"] == import_id
            clusters = _clustered(spectra, table, scored.score, settings)
            if not unchanged:
                stored = spectra_of_clusters(con, spectra, table["spectrum_id"], clusters, settings, recipe, into)
        if not unchanged:
            columns: dict[str, Any] = {
                **settings.columns(),
                "clustering": into,
                "study": study,
                "n_spectra": table.num_rows,
                "n_clusters": len(clusters.bounds) - 1,
                "record_version": record_version,
                "spectradb_version": __version__,
                "created": datetime.now(UTC).replace(tzinfo=None),
                "import_id": import_id,
            }
            record_clusters(files.record, columns, stored, recipe, replaces=row is not None)
    if settings.model is not None:
        fill_embeddings(files.record, files.locks, settings.model, embedders=files.embedders)
    files.publish()
    sizes = np.diff(clusters.bounds)
    return ClusterReport(
        study,
        into,
        settings,
        n_spectra=table.num_rows,
        n_clusters=len(sizes),
        n_repeated=int((sizes > 1).sum()),
        n_in_repeated=int(sizes[sizes > 1].sum()),
        largest=int(sizes.max()),
        n_without_vector=scored.n_without_vector,
        seconds=time.monotonic() - begun,
        unchanged=unchanged,
    )


def _recipe(con: duckdb.DuckDBPyConnection, study: str) -> PeakRecipe:
    rows = con.execute(schemas.read("queries/clusters/peak_recipe"), {"collection": study}).fetchall()
    return PeakRecipe.from_json(rows[0][0])


def _scorer(
    con: duckdb.DuckDBPyConnection,
    files: LabFiles,
    study: str,
    settings: ClusterSettings,
    spectra: PeakBatch,
    ids: npt.NDArray[np.int64],
) -> _Scored:
    if settings.method != EMBEDDING:
        cosine = resolve_score(settings.method, {}, fragment_tolerance_da=settings.fragment_tolerance_da)
        assert isinstance(cosine, CosineGreedy)  # noqa: S101 - of METHODS all others are
        return _Scored(by_peaks(spectra, cosine), "", 0)
    model = str(settings.model)
    check_embedded(con, model, study, embedders=files.embedders.names())
    vectors = LibraryVectors(files.indexes, study, model).opened(con)
    order = np.argsort(vectors.ids)
    places = np.minimum(np.searchsorted(vectors.ids, ids, sorter=order), len(order) - 1)
    rows = np.where(vectors.ids[order[places]] == ids, order[places], -1)
    return _Scored(by_vectors(vectors, rows), str(vectors.content), int((rows < 0).sum()))


def _digest(table: pa.Table, content: str) -> str:
    """Hash what of the spectra decides about the clusters."""
    told = [table[name].combine_chunks().to_pylist() for name in ("spectrum_id", "peaks_hash", "retention_time_s")]
    return hashlib.sha256(json.dumps([*told, content]).encode()).hexdigest()


def _clustered(spectra: PeakBatch, table: pa.Table, score: Scorer, settings: ClusterSettings) -> Clusters:
    seconds = table["retention_time_s"].to_numpy().astype(np.float64)
    near = Neighbourhood(settings.ppm, settings.rt_window_s)
    pairs = alike(near, score, spectra, seconds, min_score=settings.min_score)
    group = complete_groups(pairs, len(spectra), min_score=settings.min_score, places=spectra.precursor_mz)
    return with_best(pairs, group, table["tic"].to_numpy(), table["spectrum_id"].to_numpy())


def with_best(pairs: Pairs, group: npt.NDArray[np.int64], tic: npt.NDArray[np.float64], ids: npt.NDArray[np.int64]) -> Clusters:
    """Sort spectra by their groups, the best member of each first: that of the highest total ion current.

    Parameters
    ----------
    pairs : Pairs
        The pairs that the groups are made of.
    group : numpy.ndarray of int64, shape (n,)
        The group of each spectrum.
    tic : numpy.ndarray of float64, shape (n,)
        Total ion currents.
    ids : numpy.ndarray of int64, shape (n,)
        Ids, for ties.

    Returns
    -------
    Clusters
        The groups, with the score of each member with the best one.
    """
    n = len(group)
    inside = group[pairs.first] == group[pairs.second]
    first, second, score = (column[inside] for column in pairs)
    order = np.lexsort((ids, -tic, group))
    bounds = np.append(np.flatnonzero(np.diff(group[order], prepend=-1)), n)
    best = np.repeat(order[bounds[:-1]], np.diff(bounds))
    best_of = np.empty(n, np.int64)
    best_of[order] = best
    with_best = np.ones(n, np.float32)
    for mine, other in ((first, second), (second, first)):
        is_best = best_of[mine] == other
        with_best[mine[is_best]] = score[is_best]
    return Clusters(order, bounds, with_best[order])
