"""Distances between two structures by myopic MCES, and the program that computes them for another process.

As a program (:func:`spectradb.python_process.python_command`) it answers requests, one JSON array per line of its standard
input, until that ends. So distances can be computed in many processes at once from any Python program, also one that must not
fork and has no file to be imported again.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from myopic_mces import MCES
from myopic_mces.filter_MCES import apply_filter
from myopic_mces.graph import construct_graph

if TYPE_CHECKING:
    from typing import TextIO

_TIMED_OUT = 6


def mces_distance(
    smiles_a: str, smiles_b: str, *, threshold: float, seconds: float, solver: str = "PULP_CBC_CMD"
) -> tuple[float, int, float]:
    """Compute the maximum common edge subgraph distance of two structures.

    Parameters
    ----------
    smiles_a, smiles_b : str
        The structures.
    threshold : float
        Where the distance is proven to be above it, a lower bound of at least the threshold is returned.
    seconds : float
        Time that the solver of the integer linear program may take.
    solver : str
        Its name in PuLP; the default one comes with that package.

    Returns
    -------
    (float, int, float)
        Distance (bond orders to remove until the structures are equal), mode (1: exact; 2, 4: a lower bound of at least the
        threshold; 6: the time was over, a lower bound), and the seconds it took.

    Raises
    ------
    Exception
        Whatever the packages raise for structures that they cannot read.
    """
    start = time.monotonic()
    options = {"timeLimit": seconds, "msg": False}
    try:
        _, distance, _, mode = MCES(smiles_a, smiles_b, threshold=threshold, solver=solver, solver_options=options)
    except Exception:
        # The solver's "not solved in time" arrives as a bare Exception.
        if time.monotonic() - start < seconds:
            raise
        distance, mode = -1.0, _TIMED_OUT
    took = time.monotonic() - start
    mode = int(getattr(mode, "value", mode))
    # A solver that was stopped gives its best solution so far, which passes for an exact one: then only a bound is certain.
    if distance < 0 or (took >= seconds and mode <= 2):
        bound, _ = apply_filter(construct_graph(smiles_a), construct_graph(smiles_b), threshold, always_stronger_bound=True)
        distance, mode = bound, _TIMED_OUT
    return float(distance), mode, took


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until they end.

    Parameters
    ----------
    requests : file
        Lines of JSON: ``[smiles_a, smiles_b, threshold, seconds, solver]``.
    answers : file
        For each a line of JSON: ``[distance, mode, seconds]``, or a text that says why there is no distance.
    """
    for line in requests:
        smiles_a, smiles_b, threshold, seconds, solver = json.loads(line)
        try:
            answer: object = mces_distance(smiles_a, smiles_b, threshold=threshold, seconds=seconds, solver=solver)
        except Exception as error:  # noqa: BLE001 (one unreadable structure costs only its own distances)
            answer = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serve the process that started this one."""
    # What the packages print must not get between the answers.
    replies, sys.stdout = sys.stdout, sys.stderr
    serve(sys.stdin, replies)
