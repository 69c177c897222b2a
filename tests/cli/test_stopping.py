"""A signal ends the program soon, with one line and the exit status that shells know it by."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

LINE = {
    signal.SIGINT: "interrupted: what is stored stays; the same command goes on from there\n",
    signal.SIGTERM: "terminated: what is stored stays; the same command goes on from there\n",
}
# A verb that computes in Python, one in a library that runs no Python, and one whose library makes another error of the signal.
BUSY = {
    "python": "while True: pass",
    "library": "import duckdb; duckdb.sql('SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(1_000_000) b').show()",
    "error": "try:\n    while True: pass\nexcept BaseException as error:\n    raise SystemExit(1) from error",
}
PROGRAM = """
import sys
from spectradb.cli import program
def main():
    print("busy", flush=True)
    exec(sys.argv[1])
program.main = main
program.program()
"""


@pytest.mark.parametrize("number", LINE, ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("busy", BUSY)
def test_it_ends_soon_and_says_so(busy, number):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, BUSY[busy]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "busy\n"
    time.sleep(0.2)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert (said, process.returncode) == (LINE[number], 128 + number)


def test_the_shell_has_the_terminal(tiny_lab):
    """Ctrl-C goes to all of a terminal: what waits for the shell goes on, and ends as the shell ends."""
    call = [sys.executable, "-c", "from spectradb.cli.program import program; program()", "shell", str(tiny_lab.path)]
    ask = ["-csv", "-noheader", "-c", "SELECT count(*) FROM range(1_000_000_000) WHERE range % 7 = 9"]
    process = subprocess.Popen([*call, "--", *ask], stdout=subprocess.PIPE, text=True)
    children = psutil.Process(process.pid).children
    while not children():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    answer, _ = process.communicate(timeout=120)
    assert (answer, process.returncode) == ("0\n", 0)
