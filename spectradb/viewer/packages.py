"""Packages of the npm registry that the page contains: fetched once, checked by their sha512, kept in the user's cache."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import tarfile
import tomllib
import urllib.request
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter, MissingDependency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Where packages come from; another one, such as a mirror, must give the same tarballs.
REGISTRY = "https://registry.npmjs.org"
_SECONDS_WITHOUT_DATA = 30


@dataclass(frozen=True)
class Package:
    """A package that the page contains.

    Parameters
    ----------
    name, version, license : str
        As the registry has them.
    integrity : str
        ``sha512-`` and the digest of its tarball in base64.
    files : mapping of str to str
        By what the page calls them, the files that it takes from the package.
    """

    name: str
    version: str
    license: str
    integrity: str
    files: Mapping[str, str]

    @property
    def tarball(self) -> str:
        """Name of its tarball, as ``npm pack`` writes it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"

    def url(self, registry: str) -> str:
        """Say where a registry has its tarball.

        Parameters
        ----------
        registry : str
            Address of the registry.

        Returns
        -------
        str
            Address of the tarball.
        """
        return f"{registry.rstrip('/')}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


def packages() -> tuple[Package, ...]:
    """List the packages that the page contains.

    Returns
    -------
    tuple of Package
        As ``packages.toml`` states them.
    """
    text = resources.files(__package__).joinpath("packages.toml").read_text(encoding="utf-8")
    return tuple(Package(**stated) for stated in tomllib.loads(text)["package"])


def package_files(
    wanted: Sequence[Package], *, assets: Sequence[Path] = (), registry: str = REGISTRY, cache: Path | None = None
) -> dict[str, bytes]:
    """Read the files of packages: from local copies, else from the cache, else from the registry.

    Parameters
    ----------
    wanted : sequence of Package
        The packages.
    assets : sequence of pathlib.Path
        Tarballs, or folders of them, whatever they are called. When there are any, nothing is fetched.
    registry : str
        Where to fetch what is neither there nor in the cache.
    cache : pathlib.Path, optional
        Where tarballs are kept. By default in the user's cache directory (``XDG_CACHE_HOME``, else ``~/.cache``).

    Returns
    -------
    dict of str to bytes
        By what the page calls each file its content.

    Raises
    ------
    MissingDependency
        If a package is not to be had, or another one is in its place.
    BadParameter
        If ``assets`` names what is not there, or the registry has no address of the web.
    """
    cache = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "spectradb" / "npm"
    local = _local_copies(assets)
    files: dict[str, bytes] = {}
    for package in wanted:
        tarball = cache / package.tarball
        if package.integrity in local:
            tarball = local[package.integrity]
        elif not (tarball.is_file() and integrity(tarball) == package.integrity):
            if assets:
                raise MissingDependency(
                    f"{package.name} {package.version} is not among {', '.join(map(str, assets))}. "
                    f"Put {package.tarball} there, as `npm pack {package.name}@{package.version}` writes it"
                )
            _fetch(package, tarball, registry)
        files |= _unpack(package, tarball)
    return files


def integrity(tarball: Path) -> str:
    """Describe a file as npm does.

    Parameters
    ----------
    tarball : pathlib.Path
        The file.

    Returns
    -------
    str
        ``sha512-`` and its digest in base64.
    """
    with tarball.open("rb") as content:
        return _stated(hashlib.file_digest(content, "sha512").digest())


def _stated(digest: bytes) -> str:
    return "sha512-" + base64.b64encode(digest).decode()


def _local_copies(assets: Sequence[Path]) -> dict[str, Path]:
    missing = [str(path) for path in assets if not path.exists()]
    if missing:
        raise BadParameter(f"--assets: {', '.join(missing)}: there is no such file or folder")
    files = [file for path in assets for file in (sorted(path.glob("*.tgz")) if path.is_dir() else [path])]
    return {integrity(file): file for file in files}


def _fetch(package: Package, tarball: Path, registry: str) -> None:
    url = package.url(registry)
    if not url.startswith(("https://", "http://")):
        raise BadParameter(f"--registry {registry}: an address begins with https:// or http://")
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS_WITHOUT_DATA) as answer:  # noqa: S310 - its scheme was checked
            content = answer.read()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise MissingDependency(
            f"{package.name} {package.version} cannot be fetched from {url}: {getattr(error, 'reason', error)}. Without a "
            f"network, give a local copy by --assets: {package.tarball}, as `npm pack {package.name}@{package.version}` writes "
            "it elsewhere"
        ) from error
    found = _stated(hashlib.sha512(content).digest())
    if found != package.integrity:
        raise MissingDependency(
            f"{url} is not {package.name} {package.version}: its integrity is {found}, not {package.integrity}. Nothing was "
            "kept; try another --registry, or give a local copy by --assets"
        )
    tarball.parent.mkdir(parents=True, exist_ok=True)
    beside = tarball.with_name(f".{tarball.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(tarball)


def _unpack(package: Package, tarball: Path) -> dict[str, bytes]:
    with tarfile.open(tarball) as members:
        files = {}
        for called, path in package.files.items():
            member = members.extractfile(f"package/{path}")
            if member is None:
                raise MissingDependency(f"{tarball}: package/{path} is no file")
            files[called] = member.read()
    return files
