"""The demonstration: from simulated files to answers in SQL, on a machine that has nothing but spectradb."""

from __future__ import annotations

import contextlib
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb import __version__, schemas
from spectradb.demo.simulate import LABEL, simulate_library, simulate_study
from spectradb.errors import LabExists
from spectradb.facade.lab import Lab, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.embedding.embed_report import EmbedReport
    from spectradb.ingest.report import ImportReport
    from spectradb.report.confident_answers import ConfidentAnswers
    from spectradb.search.search_report import SearchReport

LIBRARY, STUDY, SEARCH = "simulated_library", "simulated_study", "demo"
#: Which answers the demonstration calls confident.
CONFIDENT = "score >= 0.6 and not ambiguous"

#: The questions asked, files under ``schemas/demo``.
QUESTIONS = ("identifications", "accuracy", "groups", "samples", "imports")

_MARKER = "SIMULATED.txt"


@dataclass(frozen=True)
class Answer:
    """One question and its answer.

    Parameters
    ----------
    question : str
        In words.
    sql : str
        In SQL, as it runs in a DuckDB shell that was started in the directory of the demonstration.
    result : pyarrow.Table
        What it gave.
    """

    question: str
    sql: str
    result: pa.Table


@dataclass(frozen=True)
class DemoReport:
    """What the demonstration did.

    Parameters
    ----------
    directory : pathlib.Path
        Where everything is.
    lab : pathlib.Path
        The lab, in that directory.
    done : dict of str to dict
        What the verbs import_library, import_study, embed, identify and confident reported; empty when all was done before.
    answers : tuple of Answer
        Questions and answers.
    """

    directory: Path
    lab: Path
    done: dict[str, dict[str, Any]]
    answers: tuple[Answer, ...]

    @property
    def shell_commands(self) -> tuple[str, str]:
        """Two ways to open the lab in a DuckDB shell, from the directory that the questions are written for."""
        there = f"cd {shlex.quote(str(self.directory))}"
        return f"{there} && duckdb -readonly {self.lab.name}/lab.duckdb", f"{there} && spectradb shell {self.lab.name}"


def run_demo(directory: Path, *, tell: Callable[[str], None]) -> DemoReport:
    """Simulate a library and a study, import, embed and identify them, and ask the lab five questions.

    Run again in the same directory, it leaves what is there as it is and asks again.

    Parameters
    ----------
    directory : pathlib.Path
        A new or empty directory, or one of an earlier demonstration. Afterwards it holds ``library.msp``, ``study/*.mgf`` with
        ``samples.csv`` and ``truth.csv``, and the lab in ``lab``.
    tell : callable
        Takes each line about what is being done.

    Returns
    -------
    DemoReport
        What was done, and the answers.

    Raises
    ------
    LabExists
        If the directory holds something else.
    """
    _claim(directory)
    tell(f"demo in {directory}: all spectra are {LABEL}, none was measured")
    path = directory / "lab"
    done: dict[str, dict[str, Any]] = {}
    if _is_complete(path):
        tell(f"{path}: all was imported, embedded and identified before, nothing changed")
    else:
        for verb, report in _build(directory, path):
            done[verb] = dict(report.as_dict())
            for line in report.lines():
                tell(line)
    with connect(path.resolve()) as lab, contextlib.chdir(directory):
        answers = tuple(_ask(lab, name) for name in QUESTIONS)
    return DemoReport(directory, path, done, answers)


def _claim(directory: Path) -> None:
    """Refuse a directory that holds anything but an earlier demonstration of this version, and mark the others as one."""
    marker = directory / _MARKER
    label = f"Made by `spectradb demo`, version {__version__}. All spectra in this directory are {LABEL}; none was measured.\n"
    if directory.is_dir() and any(directory.iterdir()):
        if not marker.exists():
            msg = f"{directory} holds other files. Name a new directory: `spectradb demo DIRECTORY`."
            raise LabExists(msg)
        if marker.read_text(encoding="utf-8") != label:
            msg = f"{directory} holds the demo of another version of spectradb. Delete it, or name a new directory."
            raise LabExists(msg)
    elif directory.exists() and not directory.is_dir():
        msg = f"{directory} is a file. Name a new directory: `spectradb demo DIRECTORY`."
        raise LabExists(msg)
    else:
        directory.mkdir(parents=True, exist_ok=True)
        marker.write_text(label, encoding="utf-8")


def _is_complete(path: Path) -> bool:
    if not Lab(path).published.exists():
        return False
    with connect(path) as lab:
        return any(row["search_id"] == SEARCH for row in lab.info()["searches"])


def _build(directory: Path, path: Path) -> Iterator[tuple[str, ImportReport | EmbedReport | SearchReport | ConfidentAnswers]]:
    # What a killed demonstration left is cheaper to make again than to mend.
    shutil.rmtree(path, ignore_errors=True)
    simulate_library(directory / "library.msp")
    study = simulate_study(directory / "study")
    with connect(path, create=True) as lab:
        yield "import_library", lab.import_library(LIBRARY, directory / "library.msp", origin=LABEL)
        yield "import_study", lab.import_study(STUDY, study.spectra, samples=study.samples, origin=LABEL)
        yield "embed", lab.embed()
        yield "identify", lab.identify(STUDY, LIBRARY, name=SEARCH)
        # The library is of one laboratory, so that there is no calibration to take a probability from.
        yield "confident", lab.confident(CONFIDENT)


def _ask(lab: Lab, name: str) -> Answer:
    file = f"demo/{name}"
    question = schemas.read(file).splitlines()[0].removeprefix("-- ")
    statement = schemas.statements_only(file).strip()
    return Answer(question, statement, lab.sql(statement).to_arrow_table())
