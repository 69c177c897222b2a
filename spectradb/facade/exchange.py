"""What a lab gives to other packages: spectra of matchms, and its tables as those of LanceDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.spelling import known_names
from spectradb.store.statements import to_relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import lancedb.table
    from matchms import Spectrum

_ROWS_AT_ONCE = 10_000


class Exchange(Part):
    """The verbs that hand over to other packages."""

    def matchms_spectra(self, query: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> list[Spectrum]:
        """Return the spectra that a query selects as those of matchms.

        Parameters
        ----------
        query : str
            SQL that yields ``mz`` and ``intensity``, as ``spectra`` has them. Its other columns become metadata under the names
            that matchms gives them: ``ion_mode`` is ``ionmode``, ``name`` is ``compound_name``, ``retention_time_s`` is
            ``retention_time``; NULL and vectors are left out.
        parameters : dict or sequence, optional
            Values of the query's parameters.

        Returns
        -------
        list of matchms.Spectrum
            One for each row, in the order of the rows.

        Raises
        ------
        BadSelect
            If the query yields no peaks.

        Examples
        --------
        Spectra with their structures::

            lab.matchms_spectra(
                "SELECT s.*, t.smiles, t.inchikey FROM spectra s LEFT JOIN structures t USING (structure_id) WHERE run_id = $1",
                ["trial/qc1"],
            )
        """
        from spectradb.arrays.matchms_spectra import matchms_spectra  # noqa: PLC0415 - loads Arrow

        rows = to_relation(self.files.connection(statement=query), query, parameters)
        return matchms_spectra(rows.to_arrow_reader(_ROWS_AT_ONCE))

    def lance_table(self, name: str) -> lancedb.table.Table:
        """Open a table of the record with LanceDB, for its vector and full-text searches.

        Parameters
        ----------
        name : str
            Name of the table, such as ``spectra``, whose columns ``embedding_<model>`` hold vectors in half precision.

        Returns
        -------
        lancedb.table.Table
            The table in its present version, which cannot be written to: the lab's verbs write. It also has the rows of imports
            and searches that are not finished; the published tables do not.

        Raises
        ------
        BadParameter
            If the record has no such table.

        Examples
        --------
        The analytes of a library nearest to a vector, by cosine::

            lab.lance_table("spectra").search(vector, vector_column_name="embedding_binned").distance_type("cosine").where(
                "collection = 'inhouse'"
            ).limit(10).to_pandas()
        """
        from spectradb.store.record_schema import TABLES  # noqa: PLC0415 - loads Arrow

        if name not in TABLES:
            raise BadParameter(f"the record has no table {name!r}; it has: {known_names(name, TABLES)}")
        return self.files.record.lancedb_table(name)
