"""Structures as lines and letters in a figure: RDKit lays them out, matplotlib draws them, so that SVG stays vectors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from rdkit import Chem, rdBase
from rdkit.Chem.Draw import rdMolDraw2D

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 300, 220
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}
_CODES = {"M": Outline.MOVETO, "L": Outline.LINETO, "Q": Outline.CURVE3, "C": Outline.CURVE4}
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_WORD = re.compile(r"[MLQCZ]|-?[\d.]+(?:e-?\d+)?")


def draw_structure(axes: Axes, smiles: str) -> bool:
    """Draw a structure.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where; its axes are taken off.
    smiles : str
        The structure.

    Returns
    -------
    bool
        False where the SMILES cannot be read: then nothing is drawn.
    """
    axes.set_axis_off()
    with rdBase.BlockLogs():
        molecule: Chem.Mol | None = Chem.MolFromSmiles(smiles)
    if molecule is None:
        return False
    drawing: Any = rdMolDraw2D.MolDraw2DSVG(_WIDTH, _HEIGHT)
    drawing.drawOptions().clearBackground = False
    rdMolDraw2D.PrepareAndDrawMolecule(drawing, molecule)
    drawing.FinishDrawing()
    for element in etree.fromstring(drawing.GetDrawingText().encode()).iter("{*}path"):
        style = dict(_STYLE.findall(element.get("style", "")))
        fill = element.get("fill") or style.get("fill", "none")
        stroke = style.get("stroke", "none")
        patch = PathPatch(outline(element.get("d")), facecolor=fill, edgecolor=stroke, linewidth=0.9 if stroke != "none" else 0)
        axes.add_patch(patch)
    axes.set(xlim=(0, _WIDTH), ylim=(_HEIGHT, 0), aspect="equal")
    return True


def outline(text: str) -> Outline:
    """Read the outline of an SVG path: absolute moves, lines and curves, which are all that RDKit writes.

    Parameters
    ----------
    text : str
        The attribute ``d``.

    Returns
    -------
    matplotlib.path.Path
        The same outline.
    """
    vertices: list[tuple[float, float]] = []
    codes: list[int] = []
    words = iter(_WORD.findall(text))
    command = "M"
    for word in words:
        if word == "Z":
            vertices.append(vertices[-1])
            codes.append(int(Outline.CLOSEPOLY))
            continue
        if word in _POINTS:
            command, first = word, next(words)
        else:
            # Points after those of a command repeat it; after a move they are lines.
            command, first = ("L" if command == "M" else command), word
        numbers = [float(first), *(float(next(words)) for _ in range(2 * _POINTS[command] - 1))]
        vertices += zip(numbers[::2], numbers[1::2], strict=True)
        codes += [int(_CODES[command])] * _POINTS[command]
    return Outline(vertices, codes)
