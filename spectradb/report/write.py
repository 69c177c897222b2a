"""The verb report: one HTML page about a lab, and its figures as files on request."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from spectradb import __version__
from spectradb.errors import BadParameter, NoCollection, NoSpectra
from spectradb.figures.canvas import save
from spectradb.report.benchmark_section import benchmark_section
from spectradb.report.lab_section import import_section, lab_section
from spectradb.report.marker_section import marker_section
from spectradb.report.page import page
from spectradb.report.queries import ask
from spectradb.report.sample_section import sample_section
from spectradb.report.search_section import search_section
from spectradb.spelling import known_names
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from spectradb.report.page import Section

_LEVELS = ("run", "sample")
# Described in full when no search is named.
_MOST_SEARCHES = 4


@dataclass(frozen=True)
class WrittenReport:
    """What was written.

    Parameters
    ----------
    path : pathlib.Path
        The page.
    sections : tuple of str
        Titles of its sections.
    n_figures : int
        Figures in it.
    n_bytes : int
        Its size.
    figures : tuple of pathlib.Path
        Files of the figures, when asked for.
    seconds : float
        Time it took.
    """

    path: Path
    sections: tuple[str, ...]
    n_figures: int
    n_bytes: int
    figures: tuple[Path, ...]
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        size = f"{self.n_bytes / 1e6:.1f} MB"
        lines = [
            f"report: {self.path}: {len(self.sections)} sections, {self.n_figures} figures, {size}, in {self.seconds:.1f} s"
        ]
        lines += [f"  {title}" for title in self.sections]
        if self.figures:
            lines.append(f"figures: {self.figures[0].parent}: {len(self.figures)} files")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {
            "path": str(self.path),
            "sections": list(self.sections),
            "figures": [str(file) for file in self.figures],
        }


def write_report(
    con: duckdb.DuckDBPyConnection,
    *,
    name: str,
    out: Path,
    studies: Sequence[str] = (),
    searches: Sequence[str] = (),
    group: str | None = None,
    figures: Path | None = None,
) -> WrittenReport:
    """Write the report of a lab.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    name : str
        What the lab is called in the title.
    out : pathlib.Path
        The HTML file; one that is there is replaced.
    studies, searches : sequence of str
        Only these; when empty, all studies, and the newest search of each study in full.
    group : str, optional
        Column of the sample table that colours projections.
    figures : pathlib.Path, optional
        Folder for the figures as PNG and SVG files.

    Returns
    -------
    WrittenReport
        What was written.

    Raises
    ------
    NoSpectra
        If the lab holds no collection yet.
    NoCollection, BadParameter
        If a study, a search or the column is not in the lab, or a file cannot be written.
    """
    begun = time.perf_counter()
    all_collections = ask(con, "report/collections")
    if not all_collections:
        msg = (
            "the lab holds nothing to report on. Import a library or a study first: `spectradb import-library`, `import-study`."
        )
        raise NoSpectra(msg)
    all_studies = [row["name"] for row in all_collections if row["kind"] == "study"]
    chosen = _known(studies, all_studies, "study", NoCollection) or all_studies
    all_searches = ask(con, "report/searches")
    listed = [row for row in all_searches if not studies or row["study"] in chosen]
    named = _known(searches, [row["search_id"] for row in all_searches], "search", BadParameter)
    newest = [row for row in listed if row["is_latest"]][:_MOST_SEARCHES]
    shown = [row for row in all_searches if row["search_id"] in named] if named else newest
    listed += [row for row in shown if row not in listed]
    _check_group(con, group, chosen)
    # A report on one study says nothing of others.
    only = list(dict.fromkeys([*chosen, *(row["library"] for row in listed)])) if studies else None
    sections: list[Section | None] = [
        lab_section(con, collections=only),
        import_section(con, collections=only),
        search_section(con, listed, shown=shown),
        benchmark_section(con, studies=chosen if studies else None),
    ]
    for study in chosen:
        search = next((row for row in [*shown, *newest] if row["study"] == study), None)
        sections.append(sample_section(con, study, search=search["search_id"] if search else None, group=group))
        sections.append(marker_section(con, study, search=search))
    there = [section for section in sections if section is not None]
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = page(
        f"Report on {name}",
        f"Made by spectradb {__version__} on {made}.",
        there,
        footer="All numbers are SQL over the published file lab.duckdb.",
    )
    files = _write(text, out, there, figures)
    drawn = sum(len(section.drawings) for section in there)
    titles = tuple(section.title for section in there)
    return WrittenReport(out, titles, drawn, len(text.encode()), files, time.perf_counter() - begun)


def _known(wanted: Sequence[str], there: Sequence[str], what: str, error: type[NoCollection | BadParameter]) -> list[str]:
    for name in wanted:
        if name not in there:
            msg = f"the lab has no {what} {name!r}; it has: {known_names(name, there)}"
            raise error(msg)
    return list(wanted)


def _check_group(con: duckdb.DuckDBPyConnection, group: str | None, studies: Sequence[str]) -> None:
    if group is None:
        return
    names = {
        row["name"]
        for study in studies
        for level in _LEVELS
        for row in ask(con, "samples/sample_label_names", study=study, level=level)
    }
    if group not in names:
        msg = f"the sample tables have no column {group!r}; they have: {', '.join(sorted(names)) or 'none'}"
        raise BadParameter(msg)


def _write(text: str, out: Path, sections: Sequence[Section], figures: Path | None) -> tuple[Path, ...]:
    files: list[Path] = []
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(out) as beside:
            beside.write_text(text, encoding="utf-8")
        if figures is not None:
            figures.mkdir(parents=True, exist_ok=True)
            for section in sections:
                for drawing in section.drawings:
                    files += save(drawing.figure, figures, drawing.name)
    except OSError as error:
        msg = f"cannot write the report: {error.strerror or error} ({out}). Choose another place with --out or --figures."
        raise BadParameter(msg) from error
    return tuple(files)
