"""What a lab is asked: SQL on what is published, exports, and a summary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectradb.facade.verb import Part
from spectradb.massql.ask import massql_relation, massql_sql
from spectradb.store.statements import to_relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from spectradb.store.export import ExportReport
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

    def massql(self, query: str, *, collections: Sequence[str] = (), view: str | None = None) -> duckdb.DuckDBPyRelation:
        """Ask for spectra in the Mass Spectrometry Query Language, of the parts that are about MS/MS spectra.

        Parameters
        ----------
        query : str
            The query, such as ``QUERY scaninfo(MS2DATA) WHERE MS2PROD=226.18:TOLERANCEPPM=5``.
        collections : sequence of str
            Libraries and studies to ask; empty: all.
        view : str, optional
            Name of a view to make of the query, which :meth:`sql` knows until the lab is closed or published again.

        Returns
        -------
        duckdb.DuckDBPyRelation
            A row a spectrum, ``native_id`` first; of ``scanmz`` a row an m/z.

        Raises
        ------
        BadMassQL
            If it is no query; the message says where.
        NoSuchData
            If it asks for what a lab does not hold, such as MS1 scans.
        NoCollection
            If the lab has no such library or study.
        """
        return massql_relation(self.files.connection(), query, collections, view)

    def massql_sql(self, query: str, *, collections: Sequence[str] = (), view: str | None = None) -> str:
        """Write a query of :meth:`massql` as SQL, which any DuckDB shell runs on ``lab.duckdb``.

        Parameters
        ----------
        query, collections
            As for :meth:`massql`.
        view : str, optional
            Name of a view: the statement then creates it.

        Returns
        -------
        str
            One statement.
        """
        return massql_sql(self.files.connection(), query, collections, view)

    def export(
        self,
        table: str,
        file: PathLike,
        *,
        file_format: str | None = None,
        study: str | None = None,
        search: str | None = None,
        confident: bool = False,
        safe_csv: bool = False,
    ) -> ExportReport:
        """Write a table, a view or the rows of a SELECT to a file of another program; identifiers are written as text.

        Parameters
        ----------
        table : str
            Name of the table or view, or a SELECT.
        file : str or pathlib.Path
            Where to write; its suffix decides the format: of any rows .parquet, .csv, .tsv, .json or .xlsx; of spectra (rows
            with ``mz``, ``intensity`` and ``precursor_mz``) .mgf, .msp, .mzspeclib.txt or .ms (SIRIUS); of a search .mztab.
        file_format : str, optional
            ``"gnps-batch"`` writes spectra as the table and the .mgf of GNPS's batch upload, ``"gnps"`` answers as GNPS lists
            them; or ``table``, ``xlsx``, ``mgf``, ``msp``, ``mzspeclib``, ``sirius``, ``mztab`` whatever the suffix is.
        study : str, optional
            Only rows of this study or library.
        search : str, optional
            Only rows of this search. Of answers (``hits``, ``candidates``, ``identifications``, ``sample_summary``,
            ``marker_identifications``) those of the newest search of each study are written when None.
        confident : bool
            Only answers that are confident by the lab's rule, see :meth:`confident`.
        safe_csv : bool
            Write CSV in which a spreadsheet takes no text for a number, a date or a formula.

        Returns
        -------
        ExportReport
            What was written.

        Raises
        ------
        BadParameter
            If the lab has no such table or search, the table does not say whose its rows are, the suffix names no format, or
            the format cannot hold the rows.
        NoCollection
            If the lab has no such study or library.
        """
        from spectradb.exports.export import export  # noqa: PLC0415 - only this verb needs it

        return export(
            self.files.connection(statement=table),
            table,
            Path(file),
            file_format=file_format,
            study=study,
            search=search,
            confident=confident,
            safe_csv=safe_csv,
        )

    def info(self) -> dict[str, list[dict[str, Any]]]:
        """Summarise the lab: its libraries, studies, models and searches.

        Returns
        -------
        dict of str to list of dict
            Rows of the published tables ``properties``, ``libraries``, ``studies``, ``models`` and ``searches``.
        """
        con = self.files.connection()
        return {table: con.table(table).to_arrow_table().to_pylist() for table in INFO_TABLES}
