"""What a lab does to judge searches: mces, tautomers."""

from __future__ import annotations

from spectradb.benchmarks.mces import DEFAULT_THRESHOLD, MCESReport, fill_mces
from spectradb.benchmarks.tautomers import TautomerReport, fill_tautomers
from spectradb.facade.verb import Part
from spectradb.store.statements import refusals_told
from spectradb.workspace.connection import open_published


class Benchmarks(Part):
    """The verbs that judge searches; each records what it found and publishes."""

    def mces(
        self,
        *searches: str,
        at_k: int = 1,
        threshold: float = DEFAULT_THRESHOLD,
        workers: int | None = None,
        quiet: bool = True,
    ) -> MCESReport:
        """Compute the MCES distances between the truth and the wrong answers of searches; ``mces_at_k`` in SQL reads them.

        Parameters
        ----------
        *searches : str
            Their search_id.
        at_k : int
            Ranks that count.
        threshold : float
            Distances above it are bounds only.
        workers : int, optional
            Processes; one per core when None.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        MCESReport
            What was done.

        Raises
        ------
        BadParameter
            If there is no such search, or what its queries are is not known.
        """
        with open_published(self.files.published) as con, refusals_told():
            report = fill_mces(self.files.record, con, searches, at_k=at_k, threshold=threshold, workers=workers, quiet=quiet)
        self.files.publish()
        return report

    def tautomers(self, *searches: str, quiet: bool = True) -> TautomerReport:
        """Find out which analytes that searches confuse are tautomers of each other; ``error_analysis`` in SQL reads it.

        Parameters
        ----------
        *searches : str
            Their search_id.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        TautomerReport
            What was done.

        Raises
        ------
        BadParameter
            If there is no such search, or what its queries are is not known.
        """
        with open_published(self.files.published) as con, refusals_told():
            report = fill_tautomers(self.files.record, con, searches, quiet=quiet)
        self.files.publish()
        return report
