"""The examples of the pages of documentation: found, run in the order of the page, and given their outputs.

A block of ``sql`` is one statement for the demo lab, run where ``study/truth.csv`` is found. A block of ``python`` sees the
names of the blocks before it. A block of ``text`` behind either is its output. A block of ``console`` holds commands, each
behind ``$``, and their outputs; it runs, as Python does, in the directory that ``spectradb-demo`` is in. Where an output
differs from run to run it says ``...``.
"""

import contextlib
import doctest
import io
import itertools
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from spectradb.cli import main
from spectradb.cli.text_table import text_table
from spectradb.facade.lab import connect

FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """One thing to run, and where the page shows what it prints."""

    kind: str
    code: str
    line: int
    start: int
    end: int
    want: str | None

    def __str__(self):
        return f"line {self.line}: {self.code.strip().splitlines()[0][:60]}"


def find(text):
    """List the examples of a page in its order."""
    examples = []
    fences = list(FENCE.finditer(text))
    for fence, following in itertools.zip_longest(fences, fences[1:]):
        kind, line = fence["kind"], text.count("\n", 0, fence.start()) + 1
        if kind in ("sql", "python"):
            behind = following is not None and following["kind"] == "text" and not text[fence.end() : following.start()].strip()
            start, end = following.span("body") if behind else (fence.end(), fence.end())
            examples.append(Example(kind, fence["body"], line, start, end, text[start:end] if behind else None))
        elif kind == "console":
            commands = list(re.finditer(r"^\$ (?P<code>(?:.*\\\n)*.*\n)", fence["body"], re.MULTILINE))
            stops = [*(command.start() for command in commands[1:]), len(fence["body"])]
            for command, stop in zip(commands, stops, strict=True):
                start, end = fence.start("body") + command.end(), fence.start("body") + stop
                examples.append(Example(kind, command["code"], line, start, end, text[start:end]))
    return examples


def matches(example, got):
    """Whether what an example printed is what the page shows; a block that shows nothing must not fail, and that is all."""
    if example.want is None:
        return True
    return doctest.OutputChecker().check_output(example.want, got, doctest.ELLIPSIS)


class Runner:
    """Runs examples in a directory that holds ``spectradb-demo``."""

    def __init__(self, folder):
        self.folder = folder
        self.names = {}
        self.lab = None

    def run(self, example):
        """Run one example and return what it printed."""
        if example.kind != "sql":
            self.close()
        return getattr(self, f"_{example.kind}")(example.code)

    def close(self):
        """Let go of the lab; statements of SQL that follow one another share it, as in a shell."""
        if self.lab is not None:
            self.lab.close()
        self.lab = None

    def _sql(self, code):
        demo = self.folder / "spectradb-demo"
        self.lab = self.lab or connect(demo / "lab")
        with contextlib.chdir(demo):
            relation = self.lab.sql(code)
            return "" if relation is None else text_table(relation.to_arrow_table()) + "\n"

    def _python(self, code):
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(code, "page", "exec"), self.names)
        return printed.getvalue()

    def _console(self, code):
        program, *arguments = shlex.split(code.replace("\\\n", " "))
        with contextlib.chdir(self.folder):
            if program == "spectradb":
                result = CliRunner().invoke(main, arguments, catch_exceptions=False)
                return result.output
            environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
            done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, env=environment)
            return done.stdout


def with_outputs(text, folder, page="README.md"):
    """Run the examples of a page and put in what they print, where it shows something else now."""
    runner = Runner(folder)
    changes = []
    for example in find(text):
        try:
            got = runner.run(example)
        except Exception as error:  # noqa: BLE001 - the other examples are renewed all the same
            print(f"{page}, {example}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        if not matches(example, got):
            if "..." in example.want and example.kind == "console":
                print(f"{page}, {example}: correct by hand, what is printed now is\n{got}", file=sys.stderr)
            else:
                changes.append((example.start, example.end, got))
    runner.close()
    for start, end, got in reversed(changes):
        text = text[:start] + got + text[end:]
    return text
