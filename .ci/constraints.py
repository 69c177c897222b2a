"""Print the versions of all packages that the tests of this environment run with, as pip takes them by ``-c``.

    pip install -e '.[test]' && python .ci/constraints.py > .ci/constraints.txt

Only what ``spectradb[test]`` asks for is listed, at any distance. A version's local part, such as ``+cpu``, is left out: it
names where a package was built.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

_PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def needed(asked: list[str]) -> dict[str, str]:
    """Collect what is asked for, directly and through others.

    Parameters
    ----------
    asked : list of str
        Requirements.

    Returns
    -------
    dict of str to str
        Version by name, of what is installed.
    """
    versions: dict[str, str] = {}
    seen = set[tuple[str, str]]()
    waiting = [Requirement(text) for text in asked]
    while waiting:
        wanted = waiting.pop()
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # of another system, or another Python
        versions[name] = found.version.partition("+")[0]
        for extra in {"", *wanted.extras} - {extra for other, extra in seen if other == name}:
            seen.add((name, extra))
            inner = [Requirement(text) for text in found.requires or ()]
            waiting += [one for one in inner if one.marker is None or one.marker.evaluate({"extra": extra})]
    return versions


def main() -> None:
    """Print the constraints, sorted by name."""
    project = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    lines = [f"{name}=={version}" for name, version in sorted(needed(asked).items())]
    sys.stdout.write("# Made by `python .ci/constraints.py`, in an environment in which the tests pass.\n")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
