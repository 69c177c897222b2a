"""What a lab does to show itself: report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.store.connection import open_published
from spectradb.store.lab_directory import LabDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.report.write import WrittenReport
    from spectradb.store.lab_directory import PathLike

DEFAULT_FILE = "report.html"


class ReportVerbs(LabDirectory):
    """The verb that writes a report; it changes nothing in the lab."""

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
            Only these; when empty, all studies, and the latest search of each study and library in full.
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

        with open_published(self.published) as con:
            return write_report(
                con,
                name=self.path.resolve().name,
                out=Path(out),
                studies=studies,
                searches=searches,
                group=group,
                figures=None if figures is None else Path(figures),
            )
