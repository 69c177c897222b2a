"""The verb network: links of a collection, found by compiled kernels, with the names and answers that SQL gives them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.errors import BadParameter, NoSearch
from spectradb.networks.alike_peaks import link_by_peaks
from spectradb.networks.alike_vectors import link_by_vectors
from spectradb.networks.families import families
from spectradb.networks.graph_files import write_graph
from spectradb.networks.links import LinkCollector, Links
from spectradb.search.checks import check_collections, check_embedded, check_fragment_tolerance
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.peaks import resolve_score
from spectradb.search.methods.spectrum_peaks import as_batch
from spectradb.search.vectors.library_vectors import LibraryVectors
from spectradb.similarity.cosine import CosineGreedy
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.workspace.lab_files import LabFiles

#: How the spectra of a network can be compared: by vectors, or by a cosine of their peaks.
METHODS = (EMBEDDING, "modified_cosine", "modified_cosine_hungarian", "cosine_greedy", "cosine_hungarian")

DEFAULT_MIN_SCORE = 0.7
DEFAULT_TOP_K = 10
DEFAULT_MIN_MATCHED_PEAKS = 6
DEFAULT_MAX_MZ_DIFFERENCE = 500.0
DEFAULT_MAX_FAMILY_SIZE = 100
DEFAULT_MODIFICATION_TOLERANCE_DA = 0.005

_LINKS, _EDGES, _MEMBERS = "network_links", "network_edges", "network_members"
_FAMILIES_SHOWN = 10


@dataclass(frozen=True)
class NetworkSettings:
    """How a network is made.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    model : str or None
        Whose vectors are compared; None for scores of peaks.
    min_score : float
        Least similarity of an edge, above 0 and at most 1.
    top_k : int
        Most neighbours of a spectrum; each of the two must be among those of the other.
    min_matched_peaks : int
        Fewest peaks that the spectra of an edge share, shifted by the difference of the precursors or not.
    max_mz_difference : float
        Largest difference of the precursors, m/z.
    fragment_tolerance_da : float
        Tolerance in Da for peaks to match.
    modification_tolerance_da : float
        How far a difference of mass may be from that of the modification that it is named by, in Da.
    max_family_size : int
        Most spectra of a family.

    Raises
    ------
    BadParameter
        If a value means nothing.
    """

    method: str = EMBEDDING
    model: str | None = None
    min_score: float = DEFAULT_MIN_SCORE
    top_k: int = DEFAULT_TOP_K
    min_matched_peaks: int = DEFAULT_MIN_MATCHED_PEAKS
    max_mz_difference: float = DEFAULT_MAX_MZ_DIFFERENCE
    fragment_tolerance_da: float = 0.01
    modification_tolerance_da: float = DEFAULT_MODIFICATION_TOLERANCE_DA
    max_family_size: int = DEFAULT_MAX_FAMILY_SIZE

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        if self.method not in METHODS:
            raise BadParameter(f"a network is not made by {self.method!r}, but by: {known_names(self.method, METHODS)}")
        if not 0 < self.min_score <= 1:
            raise BadParameter(f"min_score is {self.min_score:g}: give a score above 0 and at most 1, such as 0.7")
        for name, least in (("top_k", 1), ("min_matched_peaks", 0), ("max_family_size", 2)):
            if getattr(self, name) < least:
                raise BadParameter(f"{name} is {getattr(self, name)}: give at least {least}")
        for name in ("max_mz_difference", "modification_tolerance_da"):
            if not getattr(self, name) >= 0:
                raise BadParameter(f"{name} is {getattr(self, name):g}: give a number that is not negative")
        check_fragment_tolerance(self.fragment_tolerance_da)


@dataclass(frozen=True)
class Network:
    """A molecular network.

    Parameters
    ----------
    collection : str
        Whose spectra.
    settings : NetworkSettings
        How it was made.
    nodes : pyarrow.Table
        A row for each spectrum with an edge: what it is, by its record or an identification; else, with the annotation
        ``candidate``, what its nearest known neighbour is. Columns as ``schemas/queries/networks/network_nodes.sql`` says.
    edges : pyarrow.Table
        spectrum_id_a (the lighter precursor), spectrum_id_b, score, matched_peaks, mz_difference, mass_difference,
        modification. Edges inside families only.
    families : pyarrow.Table
        The families, the largest first, as the macro ``family_summary`` gives them.
    n_spectra : int
        Spectra that were compared.
    n_without_vector : int
        Spectra of the collection that could not be, for they have no vector.
    n_parted : int
        Edges left out, because they lead from one family to another.
    seconds : float
        Time that it took.
    files : tuple of pathlib.Path
        Where it was written.
    """

    collection: str
    settings: NetworkSettings
    nodes: pa.Table
    edges: pa.Table
    families: pa.Table
    n_spectra: int
    n_without_vector: int
    n_parted: int
    seconds: float
    files: tuple[Path, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        counts = self._counts()
        by = self.settings.model or self.settings.method
        compared = f"{self.nodes.num_rows:,} of {self.n_spectra:,} spectra compared, in {self.seconds:.1f} s"
        lines = [
            f"network of {self.collection} by {by}: {self.edges.num_rows:,} edges between {compared}",
            f"  families of two and more: {counts['families']:,}; the largest has {counts['largest_family']:,} spectra",
            f"  spectra known: {counts['known']:,}; candidates by a known neighbour: {counts['candidates']:,}",
        ]
        if self.n_without_vector:
            lines.append(f"  left out, for they have no vector: {self.n_without_vector:,}. Run `spectradb embed` for them.")
        if self.n_parted:
            lines.append(
                f"  edges left out so that no family has more than {self.settings.max_family_size} spectra: {self.n_parted:,}"
            )
        for family in self._largest():
            if family["n_spectra"] > 1:
                names = ", ".join(family["names"] or ["nothing known"])
                lines.append(
                    f"  {family['n_spectra']:5,} spectra, m/z {family['lowest_mz']:.2f}-{family['highest_mz']:.2f}: {names}"
                )
        return [*lines, *(f"written: {file}" for file in self.files)]

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Counts, the largest families, and the files.
        """
        return {
            "collection": self.collection,
            "method": self.settings.method,
            "model": self.settings.model,
            "spectra": self.n_spectra,
            "without_vector": self.n_without_vector,
            "nodes": self.nodes.num_rows,
            "edges": self.edges.num_rows,
            "edges_between_families": self.n_parted,
            **self._counts(),
            "largest_families": [
                {**family, "family_id": str(family["family_id"])}
                for family in self.families.slice(0, _FAMILIES_SHOWN).to_pylist()
            ],
            "seconds": round(self.seconds, 3),
            "files": [str(file) for file in self.files],
        }

    def _largest(self) -> list[dict[str, Any]]:
        return list(self.families.slice(0, _FAMILIES_SHOWN).to_pylist())

    def _counts(self) -> dict[str, int]:
        sizes = self.families["n_spectra"].to_pylist()
        annotation = self.nodes["annotation"].to_pylist()
        return {
            "families": sum(size > 1 for size in sizes),
            "largest_family": max(sizes, default=0),
            "known": sum(kind in ("record", "identification") for kind in annotation),
            "candidates": annotation.count("candidate"),
        }


def make_network(
    files: LabFiles,
    collection: str,
    settings: NetworkSettings,
    *,
    search: str | None = None,
    only_confident: bool = True,
    out: Path | None = None,
) -> Network:
    """Make the network of a collection.

    Parameters
    ----------
    files : LabFiles
        The lab.
    collection : str
        Name of a study or library.
    settings : NetworkSettings
        How.
    search : str, optional
        The search whose answers name spectra; the newest of the collection when None.
    only_confident : bool
        Whether answers count only where they are confident by the lab's rule.
    out : pathlib.Path, optional
        File to write, see :func:`spectradb.networks.graph_files.write_graph`.

    Returns
    -------
    Network
        The network.

    Raises
    ------
    NoCollection, NoEmbedding, NoModel, NoSearch
        If the lab has no such thing.
    BadParameter
        If the file cannot be written.
    """
    begun = time.monotonic()
    with open_published(files.published) as con:
        check_collections(con, collection)
        _check_search(con, collection, search)
        table = to_arrow(con, schemas.read("queries/networks/network_spectra"), {"collection": collection})
        ids = table["spectrum_id"].to_numpy()
        collector = LinkCollector(ids, settings.top_k, settings.min_matched_peaks)
        if settings.method == EMBEDDING:
            embedders = files.embedders.names()
            n_without = check_embedded(con, str(settings.model), collection, embedders=embedders)
            vectors = LibraryVectors(files.indexes, collection, str(settings.model)).opened(con)
            link_by_vectors(
                vectors,
                _places(ids, vectors.ids),
                as_batch(table),
                collector,
                min_score=settings.min_score,
                max_mz_difference=settings.max_mz_difference,
                tolerance_da=settings.fragment_tolerance_da,
            )
        else:
            n_without = 0
            score = resolve_score(settings.method, {}, fragment_tolerance_da=settings.fragment_tolerance_da)
            assert isinstance(score, CosineGreedy)  # noqa: S101 - of METHODS all others are
            n_negative = pc.sum(pc.equal(table["ion_mode"], "negative")).as_py() or 0
            limits = {"min_score": settings.min_score, "max_mz_difference": settings.max_mz_difference}
            link_by_peaks(as_batch(table), n_negative, score, collector, **limits)
        links = collector.kept()
        members = families(links, ids, max_size=settings.max_family_size)
        inside = _inside(links, ids, members)
        asked = {"collection": collection, "search": search, "only_confident": only_confident}
        edges, nodes, summary = _described(con, links.where(inside), ids, members, asked, settings.modification_tolerance_da)
    return Network(
        collection,
        settings,
        nodes,
        edges,
        summary,
        len(ids) - n_without,
        n_without,
        int((~inside).sum()),
        time.monotonic() - begun,
        () if out is None else write_graph(out, nodes, edges),
    )


def _check_search(con: duckdb.DuckDBPyConnection, collection: str, search: str | None) -> None:
    of = dict(con.execute(schemas.read("queries/lab/studies_of_searches")).fetchall())
    mine = [name for name, study in of.items() if study == collection]
    if search is not None and search not in mine:
        raise NoSearch(f"{collection} has no search {search!r}; it has: {known_names(search, mine)}")


def _places(ids: npt.NDArray[np.int64], of: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    order = np.argsort(ids)
    return order[np.searchsorted(ids, of, sorter=order)]


def _inside(links: Links, ids: npt.NDArray[np.int64], members: pa.Table) -> npt.NDArray[np.bool_]:
    """Tell which links have both ends in one family."""
    known, family = members["spectrum_id"].to_numpy(), members["family_id"].to_numpy()
    if not len(known):
        return np.zeros(len(links.first), dtype=bool)
    of_first, of_second = (family[_places(known, ids[ends])] for ends in (links.first, links.second))
    inside: npt.NDArray[np.bool_] = of_first == of_second
    return inside


def _described(
    con: duckdb.DuckDBPyConnection,
    links: Links,
    ids: npt.NDArray[np.int64],
    members: pa.Table,
    asked: Mapping[str, object],
    modification_tolerance_da: float,
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Return edges, nodes and families with what SQL knows of them."""
    columns = [ids[links.first], ids[links.second], links.score, links.matched_peaks]
    con.register(_LINKS, pa.table(columns, names=["spectrum_id_a", "spectrum_id_b", "score", "matched_peaks"]))
    tolerance = {"modification_tolerance_da": modification_tolerance_da}
    edges = to_arrow(con, schemas.read("queries/networks/network_edges"), tolerance)
    con.register(_EDGES, edges)
    con.register(_MEMBERS, members)
    nodes = to_arrow(con, schemas.read("queries/networks/network_nodes"), asked)
    summary = to_arrow(con, schemas.read("queries/networks/network_families"), asked)
    return edges, nodes, summary
