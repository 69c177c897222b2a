"""What a lab is asked: SQL on what is published, exports, and a summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectradb.facade.verb import Part
from spectradb.store.export import ExportReport, export_table
from spectradb.store.statements import to_relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from spectradb.workspace.lab_files import PathLike

INFO_TABLES = ("properties", "libraries", "studies", "models", "searches")


class Queries(Part):
    """The verbs that read what is published."""

    def sql(self, query: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> duckdb.DuckDBPyRelation:
        """Run SQL on the published lab.

        Parameters
        ----------
        query : str
            Any statement that runs in a plain DuckDB shell on ``lab.duckdb``, and more: here functions can run models.
        parameters : dict or sequence, optional
            Values of the query's parameters.

        Returns
        -------
        duckdb.DuckDBPyRelation
            The result: ``.fetchall()``, ``.df()``, ``.to_arrow_table()``.
        """
        return to_relation(self.files.connection(statement=query), query, parameters)

    def export(
        self,
        table: str,
        file: PathLike,
        *,
        study: str | None = None,
        search: str | None = None,
        confident: bool = False,
    ) -> ExportReport:
        """Write a published table or view to a file; identifiers are written as text.

        Parameters
        ----------
        table : str
            Name of the table or view.
        file : str or pathlib.Path
            Where to write; its suffix decides the format: .parquet, .csv, .tsv or .json.
        study : str, optional
            Only rows of this study or library.
        search : str, optional
            Only rows of this search. Of answers (``hits``, ``identifications``, ``sample_summary``,
            ``marker_identifications``) those of the newest search of each study are written when None.
        confident : bool
            Only answers that are confident by the lab's rule, see :meth:`confident`.

        Returns
        -------
        ExportReport
            What was written.

        Raises
        ------
        BadParameter
            If the lab has no such table or search, the table does not say whose its rows are, or the suffix names no format.
        NoCollection
            If the lab has no such study or library.
        """
        return export_table(self.files.connection(), table, Path(file), study=study, search=search, confident=confident)

    def info(self) -> dict[str, list[dict[str, Any]]]:
        """Summarise the lab: its libraries, studies, models and searches.

        Returns
        -------
        dict of str to list of dict
            Rows of the published tables ``properties``, ``libraries``, ``studies``, ``models`` and ``searches``.
        """
        con = self.files.connection()
        return {table: con.table(table).to_arrow_table().to_pylist() for table in INFO_TABLES}
