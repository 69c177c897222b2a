"""What a lab does to show itself: report, dashboard, plots of single hits, and the rule of what is shown as confident."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.facade.verb import Part
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.dashboard.write import WrittenDashboard
    from spectradb.figures.hit import HitPlot
    from spectradb.report.confident_answers import ConfidentAnswers
    from spectradb.report.write import WrittenReport
    from spectradb.workspace.lab_files import PathLike

DEFAULT_FILE = "report.html"
DEFAULT_DASHBOARD = "dashboard.html"


class Reports(Part):
    """The verbs that say what is shown, and show it."""

    def confident(self, rule: str | None = None) -> ConfidentAnswers:
        """Say or set the rule by which answers are called confident: the column ``confident`` of the view ``identifications``.

        Parameters
        ----------
        rule : str, optional
            Conditions joined by ``and``, such as ``"probability >= 0.8 and not ambiguous"`` or, without a calibration,
            ``"score >= 0.7 and matched_peaks >= 4"``; ``"default"``: a probability of at least 0.9. When None, the rule
            stays as it is.

        Returns
        -------
        ConfidentAnswers
            The rule, and how many answers of the newest search of each study are confident by it.

        Raises
        ------
        BadParameter
            If the rule cannot be read.
        """
        from spectradb.report.confident_answers import count_confident  # noqa: PLC0415 - only this verb needs it
        from spectradb.report.confident_rule import read_rule, record_rule  # noqa: PLC0415

        if rule is not None:
            record_rule(self.files.record, read_rule(rule))
            self.files.publish()
        with open_published(self.files.published) as con:
            return count_confident(con)

    def report(
        self,
        out: PathLike = DEFAULT_FILE,
        *,
        studies: Sequence[str] = (),
        searches: Sequence[str] = (),
        group: str | None = None,
        figures: PathLike | None = None,
    ) -> WrittenReport:
        """Write one self-contained HTML page about the lab: imports, identification, benchmarks, samples and markers.

        Parameters
        ----------
        out : str or pathlib.Path
            The HTML file; one that is there is replaced.
        studies, searches : sequence of str
            Only these; when empty, all studies, and the newest search of each study in full.
        group : str, optional
            Column of the sample table that colours projections; what was last predicted or compared when None.
        figures : str or pathlib.Path, optional
            Folder that gets each figure as PNG and as SVG.

        Returns
        -------
        WrittenReport
            What was written.

        Raises
        ------
        NoSpectra
            If the lab holds nothing yet.
        NoCollection, BadParameter
            If a study, a search or the column is not in the lab, or a file cannot be written.
        """
        from spectradb.report.write import write_report  # noqa: PLC0415 - matplotlib takes a second to import

        with open_published(self.files.published) as con:
            return write_report(
                con,
                name=self.files.path.resolve().name,
                out=Path(out),
                studies=studies,
                searches=searches,
                group=group,
                figures=None if figures is None else Path(figures),
            )

    def dashboard(self, out: PathLike = DEFAULT_DASHBOARD) -> WrittenDashboard:
        """Write one self-contained interactive HTML page: ten tiles that can be filtered, and nothing to serve or to fetch.

        Parameters
        ----------
        out : str or pathlib.Path
            The HTML file; one that is there is replaced.

        Returns
        -------
        WrittenDashboard
            What was written, and what fills tiles that are empty.

        Raises
        ------
        MissingDependency
            If the extra ``dashboard`` is not installed.
        BadParameter
            If the file cannot be written.
        """
        from spectradb.dashboard.write import write_dashboard  # noqa: PLC0415 - only this verb needs it

        with open_published(self.files.published) as con:
            return write_dashboard(con, name=self.files.path.resolve().name, out=Path(out))

    def plot_hit(self, query: str | int, *, search: str | None = None, rank: int = 1, out: PathLike | None = None) -> HitPlot:
        """Draw the query of a search over the library spectrum of one of its candidates: peaks, ppm, names and structures.

        Parameters
        ----------
        query : str or int
            spectrum_id of the query, its native_id, or run/native_id where several runs have it.
        search : str, optional
            The search; the last that has a candidate for the query when None.
        rank : int
            Which candidate.
        out : str or pathlib.Path, optional
            File to write, .svg or .png.

        Returns
        -------
        HitPlot
            The candidate, the peaks of both spectra with their matches, and a matplotlib figure that notebooks show.

        Raises
        ------
        NoSearch
            If the lab has no such search.
        BadParameter
            If the query is not known, means several spectra, or has no such candidate; or if the file cannot be written.
        """
        from spectradb.figures.hit import plot_hit  # noqa: PLC0415 - matplotlib takes a second to import

        with open_published(self.files.published) as con:
            return plot_hit(con, query, search=search, rank=rank, out=None if out is None else Path(out))
