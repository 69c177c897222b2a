"""Another method in one module: vectors compared by their angle, in SQL alone, for searches that are recorded."""

from dataclasses import dataclass
from pathlib import Path

from spectradb.search.methods.protocol import Method, MethodKind, Statement

ANGLE = "angle"
SQL = Path(__file__).with_suffix(".sql")


@dataclass(frozen=True, kw_only=True)
class Angle(Method):
    """1 less the angle between two vectors, as a share of half a turn, times a factor."""

    name = ANGLE
    needs_vectors = True

    factor: float = 1.0

    def settings(self):
        return {"factor": self.factor}

    def statement(self, job):
        return Statement(SQL.read_text(), {**job.values("study", "library", "model"), "factor": self.factor})


def _resolve(asked):
    return Angle(**{name: float(value) for name, value in asked.settings.items()})


KIND = MethodKind(name=ANGLE, resolve=_resolve, needs_vectors=True, at_hand=False)
