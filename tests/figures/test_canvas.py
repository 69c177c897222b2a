"""Figures show what people wrote as it is written."""

import pytest
from lxml import etree

from spectradb.figures.canvas import as_svg, canvas, save
from spectradb.report.escaping import escape
from spectradb.spelling import printable

NAMES = ["at $5 and $6", r"$\frac{", "a\x00b\x1b[31m\x08", "half \ud800 of one", "<script>&\"'", "A_1^2 \u03b1"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_drawn(tmp_path, name):
    with canvas() as (figure, axes):
        axes.set_title(name)
        axes.bar([0], [1], label=name)
        axes.legend()
        etree.fromstring(as_svg(figure, name="one", label=name))
        for file in save(figure, tmp_path, "two"):
            assert file.stat().st_size > 1000
        assert axes.get_title(loc="left") == printable(name)
    etree.parse(tmp_path / "two.svg")


def test_a_dollar_sign_begins_no_formula(tmp_path):
    drawn = []
    for name in ("$x$", "\\$x\\$"):
        with canvas() as (figure, axes):
            axes.set_title(name)
            drawn.append(as_svg(figure, name="one", label="a title"))
    assert drawn[0] != drawn[1]
    with canvas() as (figure, axes):
        axes.set_title("$x$").set_parse_math(False)
        assert as_svg(figure, name="one", label="a title") == drawn[0]


def test_control_characters_are_shown_as_what_cannot_be():
    assert printable("a\x00b\tc\nd\x1be\x9ff\ud800g") == "a\ufffdb\tc\nd\ufffde\ufffdf\ufffdg"
    assert printable("caf\u00e9 \U0001f9ea") == "caf\u00e9 \U0001f9ea"
    assert escape('<b title="\x1b">') == "&lt;b title=&quot;\ufffd&quot;&gt;"
    assert escape('"', quote=False) == '"'
