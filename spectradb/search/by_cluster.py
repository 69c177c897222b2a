"""Searching one spectrum for each cluster of a study, and giving what was found to every member."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from spectradb.search.spec import SearchSpec


class Clustering(NamedTuple):
    """The clustering that a search takes its queries from.

    Parameters
    ----------
    name : str
        The collection of the spectra that stand for the clusters.
    import_id : str
        Which of that name.
    n_members : int
        Spectra of the study in it.
    n_missing : int
        Spectra of the study that it has not, as they came later.
    """

    name: str
    import_id: str
    n_members: int
    n_missing: int

    @property
    def settings(self) -> dict[str, object]:
        """What searches record of it."""
        return {"clusters": self.name, "clustering": self.import_id}

    def notes(self, study: str) -> tuple[str, ...]:
        """Say what makes the answers doubtful.

        Parameters
        ----------
        study : str
            The study.

        Returns
        -------
        tuple of str
            At most one note.
        """
        if not self.n_missing:
            return ()
        remedy = f"run `spectradb cluster` with --into {self.name} again"
        return (f"{self.n_missing:,} spectra of {study} are in no cluster and were not searched: {remedy}",)


def clustering_of(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> Clustering | None:
    """Find the clustering that a search asks for.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spec : SearchSpec
        The search.

    Returns
    -------
    Clustering or None
        None: it searches each spectrum itself.

    Raises
    ------
    BadParameter
        If the study has no such clustering, or several and none is named.
    """
    if spec.clusters is None:
        return None
    rows = con.execute(schemas.read("queries/clusters/clusterings_of_study"), {"study": spec.study}).fetchall()
    found = {row[0]: Clustering(*row) for row in rows}
    if not found:
        raise BadParameter(f"the spectra of {spec.study} are not clustered. Run `spectradb cluster` for it first.")
    if spec.clusters:
        if spec.clusters not in found:
            known = known_names(spec.clusters, list(found))
            raise BadParameter(f"{spec.study} has no clusters {spec.clusters!r}; it has: {known}")
        return found[spec.clusters]
    if len(found) > 1:
        raise BadParameter(f"{spec.study} is clustered as {', '.join(found)}. Name one of them: --clusters NAME")
    return next(iter(found.values()))


def given_to_members(con: duckdb.DuckDBPyConnection, hits: pa.Table) -> pa.Table:
    """Give the hits of spectra that stand for clusters to every member.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : pyarrow.Table
        Columns of ``hits``.

    Returns
    -------
    pyarrow.Table
        The same columns: query_id is the member, cluster_id what was searched.
    """
    con.register("found", hits)
    try:
        return to_arrow(con, schemas.read("queries/clusters/hits_of_members"))
    finally:
        con.unregister("found")
