"""Fitting and checking how alike to expect what the method ``analogue`` finds, on molecules that its model has not seen.

``python -m spectradb.benchmarks.expected_check LAB LIBRARY``

Curves are fitted on one half of these molecules, each taken out of the library, and checked on the other. The macro
``analogue_curves`` holds those of MassBank.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from spectradb.benchmarks.analogues import CHOOSING, JUDGING, AnalogueSettings, answers_to
from spectradb.errors import NoSpectra, SpectraDBError
from spectradb.evaluation.expected_tanimoto import FEWEST_MOLECULES, FIRST, LATER, fitted_curves, reliability
from spectradb.search.methods.analogue import ANALOGUE
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA
from spectradb.workspace.lab_files import LabFiles

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit and check as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Lab, library and options; None: those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        files = LabFiles(options.lab)
        files.check()
        checked = check(files, options.library, molecules=options.molecules)
    except SpectraDBError as error:
        sys.exit(f"Error: {error}")
    for line in lines(checked):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(checked, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spectradb.benchmarks.expected_check",
        description="Tanimoto similarity to expect of what the method analogue finds, beside what it is.",
    )
    parser.add_argument("lab", type=Path, help="folder of the lab")
    parser.add_argument("library", help="the library")
    parser.add_argument("--molecules", type=int, default=600, help="molecules of each half, at most; default: %(default)s")
    parser.add_argument("--json", type=Path, help="file to write the curves and the figures to")
    return parser


def check(files: LabFiles, library: str, *, molecules: int = 600) -> dict[str, Any]:
    """Fit curves on one half of the molecules and set what they tell of the other half beside what is so.

    Parameters
    ----------
    files : LabFiles
        The lab.
    library : str
        Name of the library.
    molecules : int
        Molecules of each half, at most.

    Returns
    -------
    dict
        ``curves``: by ion mode, ``first`` and ``later`` of :func:`spectradb.evaluation.expected_tanimoto.fitted_curves`;
        ``reliability``: a row for each ion mode and group of first answers.

    Raises
    ------
    NoSpectra
        If too few molecules of the library are new to the model.
    """
    found = {
        half: answers_to(
            files, AnalogueSettings(molecules=molecules, half=half), library, ANALOGUE, DEFAULT_FRAGMENT_TOLERANCE_DA
        )
        for half in (CHOOSING, JUDGING)
    }
    of_mode = {
        mode: [table.filter(pc.equal(table["ion_mode"], mode)) for table in found.values()]
        for mode in sorted(set(found[CHOOSING]["ion_mode"].to_pylist()))
    }
    curves = {mode: pair for mode, (fitted, _) in of_mode.items() if (pair := fitted_curves(fitted))}
    if not curves:
        raise NoSpectra(
            f"fewer than {FEWEST_MOLECULES} molecules of {library} are new to the model: so few say nothing of others"
        )
    told = [{"ion_mode": mode, **row} for mode, pair in curves.items() for row in reliability(of_mode[mode][1], pair[FIRST])]
    return {"curves": curves, "reliability": told}


def lines(checked: dict[str, Any]) -> list[str]:
    """Describe curves and their check to a person.

    Parameters
    ----------
    checked : dict
        As :func:`check` gives it.

    Returns
    -------
    list of str
        Lines of text.
    """
    told = ["ion mode  expected  observed  n"]
    told += [f"{row['ion_mode']}  {row['expected']:.3f}  {row['observed']:.3f}  {row['n']}" for row in checked["reliability"]]
    for mode, pair in checked["curves"].items():
        told += [f"{mode}, {kind}: {pair[kind]['score']} {pair[kind]['tanimoto']}" for kind in (FIRST, LATER)]
    return told


if __name__ == "__main__":
    main()
