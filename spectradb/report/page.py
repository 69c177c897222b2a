"""The page: sections of text, tables and figures, put into one HTML file that needs no other."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import SIZE, as_svg
from spectradb.report.escaping import escape
from spectradb.report.tables import html_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.figure import Figure

    from spectradb.report.tables import Column

# A figure wider than this gets the width of the page and scrolls on a small screen: its letters would be too small there.
_WIDE_INCHES = SIZE[0] + 1
_PIXELS_PER_INCH = 72


@dataclass(frozen=True)
class Drawing:
    """A figure and what is said below it.

    Parameters
    ----------
    name : str
        Name of its files: letters, digits and underscores.
    figure : matplotlib.figure.Figure
        The figure.
    title : str
        What it shows, in a few words.
    note : str
        How to read it.
    """

    name: str
    figure: Figure
    title: str
    note: str = ""


class Section:
    """One section of the page; what is added stands in the order in which it was added.

    Parameters
    ----------
    anchor : str
        Its address inside the page.
    title : str
        Its heading.
    """

    def __init__(self, anchor: str, title: str) -> None:
        self.anchor = anchor
        self.title = title
        self.drawings: list[Drawing] = []
        self._parts: list[str] = []

    def say(self, text: str) -> None:
        """Add a paragraph.

        Parameters
        ----------
        text : str
            Plain text.
        """
        self._parts.append(f"<p>{escape(text)}</p>")

    def heading(self, text: str) -> None:
        """Add a heading inside the section.

        Parameters
        ----------
        text : str
            Plain text.
        """
        self._parts.append(f"<h3>{escape(text)}</h3>")

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Add numbers that stand out.

        Parameters
        ----------
        facts : iterable of (str, str)
            What each is, and the number.
        """
        boxes = "\n".join(f"<div><dt>{escape(what)}</dt><dd>{escape(number)}</dd></div>" for what, number in facts)
        self._parts.append(f'<dl class="facts">\n{boxes}\n</dl>')

    def words(self, words: Iterable[tuple[str, str]]) -> None:
        """Add words and what they mean.

        Parameters
        ----------
        words : iterable of (str, str)
            Word and meaning; none adds nothing.
        """
        items = "\n".join(f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>" for word, meaning in words)
        if items:
            self._parts.append(f'<dl class="words">\n{items}\n</dl>')

    def table(self, columns: Sequence[Column], rows: Iterable[dict[str, Any]], *, caption: str | None = None) -> None:
        """Add a table.

        Parameters
        ----------
        columns : sequence of Column
            What to show.
        rows : iterable of dict
            Rows of a query.
        caption : str, optional
            What it shows.
        """
        self._parts.append(html_table(columns, rows, caption=caption))

    def draw(self, *drawings: Drawing) -> None:
        """Add figures beside each other, below each other on a narrow screen.

        Parameters
        ----------
        *drawings : Drawing
            The figures; none adds nothing.
        """
        if drawings:
            self.drawings += drawings
            figures = "\n".join(_html_figure(drawing) for drawing in drawings)
            self._parts.append(f'<div class="figures">\n{figures}\n</div>')

    def html(self) -> str:
        """Return the section.

        Returns
        -------
        str
            HTML.
        """
        anchor = escape(self.anchor, quote=True)
        return "\n".join([f'<section id="{anchor}">', f"<h2>{escape(self.title)}</h2>", *self._parts, "</section>"])


def page(title: str, subtitle: str, sections: Sequence[Section], *, footer: str) -> str:
    """Put sections into the page.

    Parameters
    ----------
    title, subtitle, footer : str
        Plain text above and below.
    sections : sequence of Section
        The sections.

    Returns
    -------
    str
        The whole HTML file.
    """
    template = Template(resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    contents = "\n".join(
        f'<li><a href="#{escape(section.anchor, quote=True)}">{escape(section.title)}</a></li>' for section in sections
    )
    return template.substitute(
        title=escape(title),
        subtitle=escape(subtitle),
        contents=contents,
        body="\n".join(section.html() for section in sections),
        footer=escape(footer),
    )


def _html_figure(drawing: Drawing) -> str:
    svg = as_svg(drawing.figure, name=drawing.name, label=drawing.title)
    width = drawing.figure.get_figwidth()
    kind = ""
    if width > _WIDE_INCHES:
        kind = ' class="wide"'
        svg = svg.replace("<svg ", f'<svg style="min-width:{width * _PIXELS_PER_INCH:.0f}px" ', 1)
    note = f" {escape(drawing.note)}" if drawing.note else ""
    caption = f"<figcaption><strong>{escape(drawing.title)}.</strong>{note}</figcaption>"
    return f'<figure{kind}>\n<div class="box">{svg}</div>\n{caption}\n</figure>'
