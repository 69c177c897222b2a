"""The versions that installations can be held to are those of packages that the project asks for, and no machine's own."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def _pinned():
    lines = (ROOT / ".ci" / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_what_the_project_stands_on_has_a_version_that_it_allows():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = _pinned()
    asked = dict.fromkeys(project["dependencies"], True) | dict.fromkeys(project["optional-dependencies"]["test"], False)
    for text, always in asked.items():
        wanted = Requirement(text)
        version = pinned.get(re.sub(r"[-_.]+", "-", wanted.name).lower())
        assert version in wanted.specifier if version else not always, text


def test_no_version_is_of_one_machine_alone():
    text = (ROOT / ".ci" / "constraints.txt").read_text()
    assert "+" not in text
    assert "://" not in text
    assert " @ " not in text
