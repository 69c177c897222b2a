"""The verb dashboard: one HTML page with the rows of its tiles and the program that draws them, and nothing to fetch."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import TYPE_CHECKING

from spectradb import __version__
from spectradb.dashboard.tiles import TILES, read_tile
from spectradb.late_modules import late
from spectradb.report.escaping import escape
from spectradb.whole_files import write_page

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from spectradb.dashboard.tiles import Tile

vl_convert = late("vl_convert", extra="dashboard")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class WrittenDashboard:
    """What was written.

    Parameters
    ----------
    path : pathlib.Path
        The page.
    n_rows : dict of str to int
        Rows of each tile, by its name.
    empty : dict of str to str
        What fills the tiles that have no rows, by their titles.
    n_bytes : int
        Size of the page.
    seconds : float
        Time it took.
    """

    path: Path
    n_rows: dict[str, int]
    empty: dict[str, str]
    n_bytes: int
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        filled = len(self.n_rows) - len(self.empty)
        size = f"{self.n_bytes / 1e6:.1f} MB"
        lines = [f"dashboard: {self.path}: {filled} of {len(self.n_rows)} tiles filled, {size}, in {self.seconds:.1f} s"]
        return lines + [f"  empty: {title}. {remedy}" for title, remedy in self.empty.items()]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {"path": str(self.path)}


def write_dashboard(con: duckdb.DuckDBPyConnection, *, name: str, out: Path) -> WrittenDashboard:
    """Write the dashboard of a lab.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    name : str
        What the lab is called in the title.
    out : pathlib.Path
        The HTML file; one that is there is replaced.

    Returns
    -------
    WrittenDashboard
        What was written.

    Raises
    ------
    MissingDependency
        If vl-convert-python is not installed, which carries the program that draws.
    BadParameter
        If the file cannot be written.
    """
    begun = time.perf_counter()
    library = vl_convert.javascript_bundle()
    tiles = [read_tile(con, tile) for tile in TILES]
    text = dashboard_page(f"Dashboard of {name}", tiles, library=library)
    write_page(text, out, "dashboard")
    return WrittenDashboard(
        out,
        {tile.name: len(tile.rows) for tile in tiles},
        {tile.chart["title"]: tile.chart["filled_by"].replace("`", "") for tile in tiles if not tile.rows},
        len(text.encode()),
        time.perf_counter() - begun,
    )


def dashboard_page(title: str, tiles: list[Tile], *, library: str) -> str:
    """Put tiles into the page.

    Parameters
    ----------
    title : str
        Plain text.
    tiles : list of Tile
        The tiles.
    library : str
        JavaScript of Vega, Vega-Lite and Vega-Embed, which defines ``vegaEmbed``.

    Returns
    -------
    str
        The whole HTML file.
    """
    made = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    data = {tile.name: {"columns": tile.columns, "rows": tile.rows, "chart": tile.chart} for tile in tiles}
    return Template(_part("page.html")).substitute(
        title=escape(title),
        subtitle=escape(f"Made by spectradb {__version__} on {made}. Nothing leaves this page, and nothing is fetched."),
        style=_part("page.css"),
        tiles="\n".join(_section(tile) for tile in tiles),
        data=_in_script(json.dumps(data, ensure_ascii=False, allow_nan=False)),
        library=library.replace("</script", "<\\/script").replace("<!--", "<\\!--"),
        program=_part("page.js"),
    )


def _section(tile: Tile) -> str:
    nothing = f'<p class="empty">Nothing yet. {_marked(tile.chart["filled_by"])}</p>'
    fields = {
        "name": escape(tile.name),
        "title": escape(tile.chart["title"]),
        "note": _marked(tile.chart["note"]),
        "sql": _lines(tile.sql),
        "n": f"{len(tile.rows):,}",
        "body": '<div class="plot"></div>' if tile.rows else nothing,
    }
    return Template(_part("tile.html")).substitute(fields)


def _lines(text: str) -> str:
    return "\n".join(escape(line) for line in text.rstrip("\n").split("\n"))


def _marked(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _in_script(text: str) -> str:
    """Spell JSON so that nothing in it ends the element, and old line separators do not end a line."""
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _part(file: str) -> str:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
