"""Rooms import only from rooms below: the order stands in spectradb/FLOORS.md, the imports are read from the source."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOPS = {"spectradb": ROOT / "spectradb", "spectradb.schemas": ROOT / "schemas", "spectradb.udfs": ROOT / "udfs"}
#: What is written by hand; builds and caches lie beside it.
SOURCES = {".py", ".sql", ".md", ".c", ".h", ".json", ".toml", ".txt", ".csv", ".tsv", ".html", ".js", ".css"}
ROW = re.compile(r"\| `([\w/]+)` \| (.+) \|")
GROUND = "spectradb"


def floors(text):
    """Read the rooms from the ground up, each with its sentence."""
    return ROW.findall(text)


def modules(tops):
    """Find the modules: by dotted name their file and their room."""
    found = {}
    for package, folder in tops.items():
        for file in sorted(folder.rglob("*.py")):
            parts = [*package.split("."), *file.relative_to(folder).with_suffix("").parts]
            room = "/".join(parts[1:-1]) or GROUND
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = (file, room)
    return found


def imports(text, known, *, deferred=True):
    """List the modules that a source imports; without `deferred` not those inside functions or for types only."""
    found = set()

    def visit(node):
        for child in ast.iter_child_nodes(node):
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            )
            if later and not deferred:
                continue
            names = []
            if isinstance(child, ast.ImportFrom):
                names = [[f"{child.module}.{alias.name}", child.module] for alias in child.names]
            elif isinstance(child, ast.Import):
                names = [[alias.name] for alias in child.names]
            for candidates in names:
                found.update(next(([name] for name in candidates if name in known), []))
            visit(child)

    visit(ast.parse(text))
    return found


def arrows_up(tops, order):
    """List the imports that run up, as `file -> module`."""
    known = modules(tops)
    floor = {room: number for number, room in enumerate(order)}
    return [
        f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name} -> {target}"
        for name, (file, room) in known.items()
        # The package itself fetches from upstairs what it is asked for, and only then.
        for target in sorted(imports(file.read_text(encoding="utf-8"), known, deferred=name != GROUND))
        if floor[known[target][1]] > floor[room]
    ]


def test_every_room_has_its_floor_and_a_sentence():
    table = floors((TOPS[GROUND] / "FLOORS.md").read_text(encoding="utf-8"))
    rooms = [room for room, _ in table]
    assert sorted(rooms) == sorted({room for _, room in modules(TOPS).values()})
    assert [room for room, sentence in table if not sentence.endswith(".")] == []


def test_no_import_runs_up():
    order = [room for room, _ in floors((TOPS[GROUND] / "FLOORS.md").read_text(encoding="utf-8"))]
    assert arrows_up(TOPS, order) == []


def crowded(root, most):
    """Name the folders with more than so many files, with how many they hold."""
    folders = {}
    for folder in ("spectradb", "schemas", "udfs", "tests", "examples", "findings"):
        for file in (root / folder).rglob("*"):
            if file.suffix in SOURCES and not any(
                part.startswith((".", "__pycache__")) for part in file.parts[len(root.parts) :]
            ):
                folders[file.parent] = folders.get(file.parent, 0) + 1
    return {str(folder.relative_to(root)): n for folder, n in sorted(folders.items()) if n > most}


def test_no_folder_is_crowded(tmp_path):
    (most,) = re.findall(r"No folder of the repository holds more than (\d+) files", (TOPS[GROUND] / "FLOORS.md").read_text())
    assert crowded(ROOT, int(most)) == {}
    (tmp_path / "schemas" / "views").mkdir(parents=True)
    for i in range(3):
        (tmp_path / "schemas" / "views" / f"{i}.sql").touch()
    assert crowded(tmp_path, 2) == {"schemas/views": 3}


def test_nothing_lies_beside_the_rooms():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("this is no clone")
    top = {name.partition("/")[0] for name in tracked.stdout.splitlines()}
    folders = {"examples", "findings", "schemas", "spectradb", "tests", "udfs"}
    assert {name for name in top if not name.startswith(".")} == folders | {"LICENSE", "README.md", "pyproject.toml"}


def test_every_room_is_packaged():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    rooms = {room for _, room in modules(TOPS).values()}
    assert packages == sorted(GROUND if room == GROUND else f"{GROUND}.{room.replace('/', '.')}" for room in rooms)


@pytest.mark.parametrize(
    "text",
    [
        "from spectradb.attic.roof import tiles",
        "from spectradb.attic import roof",
        "import spectradb.attic.roof",
        "def late():\n    from spectradb.attic.roof import tiles\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from spectradb.attic.roof import Tiles\n",
    ],
)
def test_an_import_that_runs_up_is_found(tmp_path, text):
    for room, content in (("cellar", text), ("attic", "from spectradb.cellar import wine\n")):
        (tmp_path / room).mkdir()
        (tmp_path / room / ("wine.py" if room == "cellar" else "roof.py")).write_text(content, encoding="utf-8")
    lazy = "def __getattr__(name):\n    from spectradb.attic import roof\n"
    (tmp_path / "__init__.py").write_text(lazy, encoding="utf-8")
    assert arrows_up({GROUND: tmp_path}, [GROUND, "cellar", "attic"]) == ["wine.py -> spectradb.attic.roof"]
    assert arrows_up({GROUND: tmp_path}, [GROUND, "attic", "cellar"]) == ["roof.py -> spectradb.cellar.wine"]
