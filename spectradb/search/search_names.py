"""The name of a search that is given none: of what is searched and how, as far as that differs from the defaults."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb.errors import BadParameter
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spectradb.search.spec import SearchSpec

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")
_LONGEST = 96


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How a search is to be named.

    Parameters
    ----------
    name : str, optional
        Its name; made of what is searched and how when None.
    replace : bool
        Search anew, and then take the place of the search that has the name.
    purpose : str, optional
        What the search is made for, such as ``calibrate``, as a made name tells: then what is left out goes without saying.
    base : str, optional
        What a made name begins with in the place of what is searched and how; as it is where no other search has it.
    default_model : str, optional
        The lab's default model, which a made name need not tell; None: not known.

    Raises
    ------
    BadParameter
        If a search cannot have the name.
    """

    name: str | None = None
    replace: bool = False
    purpose: str | None = None
    base: str | None = None
    default_model: str | None = None

    def __post_init__(self) -> None:
        """Refuse a name that a search cannot have."""
        check_name(self.name)


def check_name(name: str | None) -> None:
    """Check that a search can have a name.

    Parameters
    ----------
    name : str or None
        The name; None: one is to be made.

    Raises
    ------
    BadParameter
        If it cannot.
    """
    if name is not None and not _NAME.fullmatch(name):
        msg = f"search name {name!r} must be at most 96 letters, digits, underscores, dots and hyphens, a letter or digit first"
        raise BadParameter(msg)


def automatic_name(spec: SearchSpec, naming: Naming, *, by_vectors: bool) -> str:
    """Name a search for what is searched and how.

    Parameters
    ----------
    spec : SearchSpec
        The search.
    naming : Naming
        Its purpose, and the default model.
    by_vectors : bool
        Whether vectors are compared.

    Returns
    -------
    str
        The name: two searches have the same one only where all of these are the same.
    """
    by = spec.model if spec.method == EMBEDDING else spec.method
    parts = [*([naming.purpose] if naming.purpose else []), spec.study, spec.library, by]
    if by_vectors and spec.method != EMBEDDING and spec.model != (naming.default_model or spec.model):
        parts.append(spec.model)
    if spec.ppm is None:
        parts.append("open")
    elif spec.ppm != DEFAULT_PPM:
        parts.append(f"{spec.ppm!r}ppm".replace(".0ppm", "ppm"))
    if spec.k != DEFAULT_K and not naming.purpose:
        parts.append(f"k{spec.k}")
    if spec.fragment_tolerance_da != DEFAULT_FRAGMENT_TOLERANCE_DA:
        parts.append(f"{spec.fragment_tolerance_da!r}Da")
    if spec.left_out and not naming.purpose:
        parts.append(f"without-{spec.left_out}")
    parts += [f"{key}-{value}" for key, value in sorted((spec.settings or {}).items())]
    if spec.contributors:
        parts.append(f"of-{'-'.join(sorted(spec.contributors))}")
    parts += [] if spec.clusters is None else [spec.clusters or "clusters"]
    if spec.index != INDEX_AUTO:
        parts.append(spec.index)
    if spec.target_recall != TARGET_RECALL:
        parts.append(f"recall{spec.target_recall!r}")
    whole = "-".join(parts)
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", whole)
    # What is shortened, or loses characters, is told apart by a digest.
    return name if name == whole and len(name) <= _LONGEST else with_digest(name, parts)


def distinguished(name: str, differing: Mapping[str, tuple[Any, Any]]) -> str:
    """Name a search after another one of the same parameters whose circumstances were others.

    Parameters
    ----------
    name : str
        The name that the other one has.
    differing : mapping of str to (object, object)
        Columns of ``searches`` in which they differ, with the values of the other one and of the one to be named.

    Returns
    -------
    str
        The name with what distinguishes it: ``v41`` for the version of the record's spectra, the calibration, or a digest.
    """
    words = {"record_version": "v{}", "calibration_id": "by-{}", "spectradb_version": "spectradb-{}"}
    parts = [words[column].format(now or "none") for column, (_, now) in differing.items() if column in words]
    if set(differing) - set(words):
        return with_digest(name, [str(now) for _, now in differing.values()])
    longer = "-".join([name, *parts])
    return longer if len(longer) <= _LONGEST else with_digest(name, parts)


def with_digest(name: str, of: Sequence[str]) -> str:
    """Add a digest to a name, which is shortened where it has to be.

    Parameters
    ----------
    name : str
        The name.
    of : sequence of str
        What the digest stands for.

    Returns
    -------
    str
        The name with eight hexadecimal digits at its end.
    """
    digest = hashlib.sha256(json.dumps(list(of)).encode()).hexdigest()[:8]
    return f"{name[: _LONGEST - 9]}-{digest}"
