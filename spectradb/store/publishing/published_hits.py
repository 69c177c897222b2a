"""Bringing the published hits from one state of the record to the next: of searches that came, went, or were done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.store.record_parts import Parts, parts_with_others

if TYPE_CHECKING:
    import duckdb

    from spectradb.store.record import Record


class HitsFiller:
    """Fills the table ``hits`` of the file that is being published.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection to that file, with the table ``searches`` filled.
    record : Record
        The lab's record.
    version : int
        The version of its hits.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, record: Record, version: int) -> None:
        self.con = con
        self.record = record
        self.version = version
        self.dataset = record.dataset("hits", version)
        self.parts = Parts.of(self.dataset)

    def fill(self) -> Parts:
        """Fill the table, which is empty.

        Returns
        -------
        Parts
            The parts of the record whose rows it has now.
        """
        self._insert(None)
        uncounted = {}
        if self.n_published() != self.dataset.count_rows():
            uncounted = parts_with_others(self.dataset, "search_id", self._searches())
        return self.parts.without(uncounted)

    def change(self, before: Parts) -> Parts | None:
        """Take out what went and put in what came; ``previous_searches`` tells which searches were published before.

        Parameters
        ----------
        before : Parts
            The parts of the record whose rows the table has.

        Returns
        -------
        Parts or None
            The parts whose rows it has now. None: it does not have as many rows as the record has, and is to be filled whole.
        """
        changed = self.parts.changed_since(before)
        self.con.register("record_hits", self.record.stream("hits", columns=["search_id"], version=self.version, parts=changed))
        self.con.execute(schemas.read("publish/change/other_searches"))
        self.con.unregister("record_hits")
        self.con.execute(schemas.read("publish/change/delete_hits"))
        if changed:
            self._insert(changed)
        uncounted = parts_with_others(self.dataset, "search_id", self._searches(), changed) if changed else {}
        if self.n_published() != self.dataset.count_rows() - sum(uncounted.values()):
            return None
        return self.parts.without(uncounted)

    def n_published(self) -> int:
        """Count the published hits.

        Returns
        -------
        int
            Rows of the table.
        """
        (n,) = self.con.execute(schemas.read("publish/change/row_count"), {"table_name": "hits"}).fetchall()[0]
        return int(n)

    def _insert(self, among: list[int] | None) -> None:
        self.con.register("record_hits", self.record.stream("hits", version=self.version, parts=among))
        self.con.execute(schemas.read("tables/searches/hits.fill"))
        self.con.unregister("record_hits")

    def _searches(self) -> list[str]:
        return [name for (name,) in self.con.execute(schemas.read("publish/change/finished_searches")).fetchall()]
