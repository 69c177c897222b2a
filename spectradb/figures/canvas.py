"""What all figures share: size, fonts, colours that colour-blind readers tell apart, and how a figure becomes SVG or PNG."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

import matplotlib as mpl
from lxml import etree
from matplotlib.figure import Figure
from matplotlib.text import Text

from spectradb.errors import BadParameter
from spectradb.spelling import printable
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.axes import Axes

#: Width and height in inches: at this size letters stay readable on a phone.
SIZE = (4.8, 3.5)

#: The palette of M. Okabe and K. Ito (2008), "Color Universal Design", its yellow last since it is faint on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
RIGHT, WRONG, UNKNOWN, FAINT = PALETTE[0], PALETTE[1], "#6B7280", "#B8BEC7"

#: The look of all figures, as settings of matplotlib.
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#374151",
    "axes.labelcolor": "#1F2937",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.unicode_minus": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "spectradb",
    # Names of analytes and samples are text, whatever dollar signs they hold.
    "text.parse_math": False,
    "xtick.color": "#374151",
    "ytick.color": "#374151",
}
_DOTS_PER_INCH = 200


@contextmanager
def canvas(width: float = SIZE[0], height: float = SIZE[1]) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure with one pair of axes to draw in, in the style of the report.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Yields
    ------
    (matplotlib.figure.Figure, matplotlib.axes.Axes)
        The figure, which belongs to no window, and its axes.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def as_svg(figure: Figure, *, name: str, label: str) -> str:
    """Return a figure as SVG to stand inside an HTML page: without namespaces, style rules, and ids that others have.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    name : str
        What its ids begin with.
    label : str
        What it shows, for readers who cannot see it.

    Returns
    -------
    str
        The element ``svg``.
    """
    file = io.BytesIO()
    _show_as_written(figure)
    with mpl.rc_context(STYLE):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    root = etree.fromstring(file.getvalue(), etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    for element in list(root.iter()):
        element.tag = etree.QName(element).localname
        if element.tag in ("metadata", "style"):
            element.getparent().remove(element)
            continue
        for key, value in list(element.attrib.items()):
            del element.attrib[key]
            local = etree.QName(key).localname
            element.set(local, _renamed(local, value, name))
    etree.cleanup_namespaces(root)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-label", printable(label))
    return str(etree.tostring(root, encoding="unicode"))


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and as SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    folder : pathlib.Path
        Where; it exists.
    name : str
        Name of the files without their suffixes.

    Returns
    -------
    list of pathlib.Path
        The files.
    """
    files = [folder / f"{name}.png", folder / f"{name}.svg"]
    for file in files:
        write_figure(figure, file)
    return files


def write_figure(figure: Figure, file: Path) -> None:
    """Write a figure to a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    file : pathlib.Path
        The file, .png or .svg; the same figure makes the same bytes.

    Raises
    ------
    BadParameter
        If it cannot be written.
    """
    kind = file.suffix.lower().removeprefix(".")
    metadata = {"Software": None} if kind == "png" else {"Date": None}
    _show_as_written(figure)
    try:
        with mpl.rc_context(STYLE), written_whole(file) as beside:
            figure.savefig(beside, format=kind, dpi=_DOTS_PER_INCH, metadata=metadata)
    except OSError as error:
        raise BadParameter(f"{file} cannot be written: {error.strerror}. Choose another place") from error


def _show_as_written(figure: Figure) -> None:
    """Let what people wrote stand as it is: a dollar sign begins no formula, and a control character is shown."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_text(printable(text.get_text()))


def _renamed(key: str, value: str, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if key == "href" and value.startswith("#"):
        return f"#{name}-{value[1:]}"
    return value.replace("url(#", f"url(#{name}-")
