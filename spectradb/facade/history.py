"""What a lab does with its history: bring searches up to date, and keep states of libraries and studies by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.facade.verb import Part

if TYPE_CHECKING:
    import pyarrow as pa

    from spectradb.search.history.kept_states import KeptState
    from spectradb.search.search_report import SearchReport


class History(Part):
    """The verbs about what changed; what is recorded is published at their end."""

    def reannotate(self, study: str, library: str, *, search: str | None = None, name: str | None = None) -> SearchReport:
        """Search a study again, as it was searched last: only spectra that are new, changed, or have other candidates now.

        The hits of all others are carried over, and all are recorded as a new search with the rows that :meth:`identify` would
        find; the earlier search stays. Where nothing has changed, no search is made.

        Parameters
        ----------
        study, library : str
            What was searched against what.
        search : str, optional
            The earlier search; the newest of this study against this library when None.
        name : str, optional
            Name of the new search; when None, that of the earlier one with the version of the record.

        Returns
        -------
        SearchReport
            What was done. Where it cannot be told what changed, all spectra are searched, and the report says why.

        Raises
        ------
        NoSearch
            If there is no such search.
        SearchExists
            If another search has the name.
        """
        from spectradb.search.history.reannotate import reannotate  # noqa: PLC0415 - few labs do so

        return reannotate(self.files, study, library, search=search, name=name)

    def keep_state(self, collection: str, name: str) -> KeptState:
        """Keep the present state of a library or study by a name, so that :meth:`clean` leaves what it consists of.

        Parameters
        ----------
        collection : str
            The library or study.
        name : str
            Name of the state.

        Returns
        -------
        KeptState
            What is kept; where the same state was kept by this name before, that.

        Raises
        ------
        NoCollection
            If there is no such library or study.
        StateExists
            If another state has the name.
        BadParameter
            If a state cannot have the name.
        """
        from spectradb.search.history.kept_states import keep_state  # noqa: PLC0415 - few labs do so

        return keep_state(self.files, collection, name)

    def drop_state(self, name: str) -> KeptState:
        """Keep a state no longer; :meth:`clean` frees what nothing else names.

        Parameters
        ----------
        name : str
            Name of the state.

        Returns
        -------
        KeptState
            What was dropped.

        Raises
        ------
        NoState
            If there is no such state.
        """
        from spectradb.search.history.kept_states import drop_state  # noqa: PLC0415 - few labs do so

        return drop_state(self.files, name)

    def states(self) -> pa.Table:
        """List the states that are kept.

        Returns
        -------
        pyarrow.Table
            Columns name, collection, n_spectra, record_version, kept, is_present (whether the collection is in that state now),
            searches (names of those that compared it) and state.
        """
        from spectradb.search.history.kept_states import states  # noqa: PLC0415 - few labs do so

        return states(self.files)

    def state_changes(self, name: str) -> pa.Table:
        """List what changed in a library or study since a state of it was kept.

        Parameters
        ----------
        name : str
            Name of the state.

        Returns
        -------
        pyarrow.Table
            A row for each spectrum that is new, changed or gone: spectrum_id, native_id, change, precursor_mz_before,
            ion_mode_before, precursor_mz_now, ion_mode_now.

        Raises
        ------
        NoState
            If there is no such state, or the record has it no longer.
        """
        from spectradb.search.history.kept_states import state_changes  # noqa: PLC0415 - few labs do so

        return state_changes(self.files, name)
