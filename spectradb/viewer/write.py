"""Writing the page: its own files, the packages that it contains, and the policy that keeps it from asking anybody else."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import time
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from spectradb import __version__
from spectradb.errors import BadParameter
from spectradb.viewer.packages import REGISTRY, package_files, packages
from spectradb.viewer.statements import STATEMENTS, numbered
from spectradb.whole_files import write_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The page's own script, in the order of its files: each uses those before it.
SCRIPT = (
    *("elements", "values", "database", "table", "csv", "structure", "mirror", "scatter"),
    *("overview", "hit", "answers", "samples", "questions", "main"),
)
_GZIP_LEVEL = 9


@dataclass(frozen=True)
class WrittenViewer:
    """What was written.

    Parameters
    ----------
    path : str
        The page.
    n_bytes : int
        Its size.
    packages : tuple of str
        What it contains from others, with versions and licences.
    seconds : float
        Time it took.
    """

    path: str
    n_bytes: int
    packages: tuple[str, ...]
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        return [
            f"viewer: {self.path}: {self.n_bytes / 1e6:.1f} MB, in {self.seconds:.1f} s",
            f"contains {', '.join(self.packages)}",
            "open it in a browser and drop a lab.duckdb on it",
        ]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return asdict(self)


def write_viewer(out: Path | str = "viewer.html", *, assets: Sequence[Path] = (), registry: str = REGISTRY) -> WrittenViewer:
    """Write a page that opens labs in the browser.

    The page is one file. It works where it lies, without a server and without a network: a ``lab.duckdb`` is dropped on it, or
    chosen, or named as ``viewer.html?lab=lab.duckdb`` where a web server has both.

    Parameters
    ----------
    out : pathlib.Path or str
        The file; a folder gets ``viewer.html``. One that is there is replaced.
    assets : sequence of pathlib.Path
        Local copies of the packages that the page contains: tarballs, or folders of them.
    registry : str
        The npm registry to fetch them from where there is no copy yet.

    Returns
    -------
    WrittenViewer
        What was written.

    Raises
    ------
    MissingDependency
        If a package is not to be had.
    BadParameter
        If the file cannot be written.
    """
    begun = time.perf_counter()
    out = Path(out)
    out = out / "viewer.html" if out.is_dir() else out
    used = packages()
    text = page(package_files(used, assets=assets, registry=registry))
    write_page(text, out, "page")
    names = tuple(f"{package.name} {package.version} ({package.license})" for package in used)
    return WrittenViewer(str(out), out.stat().st_size, names, time.perf_counter() - begun)


def page(files: Mapping[str, bytes]) -> str:
    """Put the page together.

    Parameters
    ----------
    files : mapping of str to bytes
        Files of packages, as :func:`package_files` returns them.

    Returns
    -------
    str
        The HTML.

    Raises
    ------
    BadParameter
        If a script cannot stand in HTML.
    """
    scripts = [
        files["arrow"].decode(),
        files["structures"].decode(),
        # The client of the database is a CommonJS module that asks for one other.
        "globalThis.duckdb = ((module, require) => {\n(exports => {\n"
        + files["client"].decode()
        + "\n})(module.exports);\nreturn module.exports;\n})({exports: {}}, () => globalThis.Arrow);",
        own_script(),
    ]
    if any(ends in script for script in scripts for ends in ("</script", "<!--", "\r")):
        raise BadParameter("a script of a package would end its element, or read otherwise in HTML. Nothing was written.")
    return Template(_own("page.html")).substitute(
        policy=policy(scripts),
        style=_own("page.css"),
        statements=json.dumps({called: numbered(name) for called, name in STATEMENTS.items()}).replace("<", "\\u003c"),
        worker=_packed(files["worker"]),
        module=_packed(files["module"]),
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
        version=__version__,
        packages=", ".join(f"{package.name} {package.version} ({package.license})" for package in packages()),
    )


def policy(scripts: Sequence[str]) -> str:
    """Say what the page may do: run these scripts, and read labs of the server that it comes from; nothing else.

    Parameters
    ----------
    scripts : sequence of str
        Its scripts.

    Returns
    -------
    str
        A Content-Security-Policy.
    """
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src 'wasm-unsafe-eval' {hashes}; worker-src blob:; connect-src 'self' blob:; "
        "style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
    )


def own_script() -> str:
    """Join the files of the page's own script.

    Returns
    -------
    str
        One script, whose names are seen by itself alone.
    """
    parts = "\n".join(_own(f"script/{name}.js") for name in SCRIPT)
    return f'"use strict";\n(() => {{\n{parts}\n}})();'


def _own(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, _GZIP_LEVEL, mtime=0)).decode()
