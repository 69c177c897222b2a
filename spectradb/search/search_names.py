"""The name of a search that is given none: of what is searched and how, as far as that differs from the defaults."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from spectradb.errors import BadParameter
from spectradb.search.methods.peaks import EMBEDDING
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spectradb.similarity.methods import Setting

DEFAULT_PPM = 10.0
DEFAULT_K = 10
DEFAULT_FRAGMENT_TOLERANCE_DA = 0.01

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")
_LONGEST = 96


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


def automatic_name(
    *,
    study: str,
    library: str,
    method: str,
    model: str,
    default_model: str | None,
    by_vectors: bool,
    settings: Mapping[str, Setting] | None,
    left_out: str | None,
    contributors: Sequence[str] | None,
    ppm: float | None,
    k: int,
    fragment_tolerance_da: float,
    index: str = INDEX_AUTO,
    target_recall: float = TARGET_RECALL,
    purpose: str | None = None,
) -> str:
    """Name a search for what is searched and how.

    Parameters
    ----------
    study, library, method, model, settings, left_out, contributors, ppm, k, fragment_tolerance_da, index, target_recall
        As for :func:`spectradb.search.identify.identify`.
    default_model : str, optional
        The lab's default model, which methods that compare vectors need not name; None: not known.
    by_vectors : bool
        Whether vectors are compared.
    purpose : str, optional
        What the search is made for, such as ``calibrate``: then what is left out goes without saying.

    Returns
    -------
    str
        The name: two searches have the same one only where all of these are the same.
    """
    parts = [*([purpose] if purpose else []), study, library, model if method == EMBEDDING else method]
    if by_vectors and method != EMBEDDING and model != (default_model or model):
        parts.append(model)
    if ppm is None:
        parts.append("open")
    elif ppm != DEFAULT_PPM:
        parts.append(f"{ppm!r}ppm".replace(".0ppm", "ppm"))
    if k != DEFAULT_K and not purpose:
        parts.append(f"k{k}")
    if fragment_tolerance_da != DEFAULT_FRAGMENT_TOLERANCE_DA:
        parts.append(f"{fragment_tolerance_da!r}Da")
    if left_out and not purpose:
        parts.append(f"without-{left_out}")
    parts += [f"{key}-{value}" for key, value in sorted((settings or {}).items())]
    if contributors:
        parts.append(f"of-{'-'.join(sorted(contributors))}")
    if index != INDEX_AUTO:
        parts.append(index)
    if target_recall != TARGET_RECALL:
        parts.append(f"recall{target_recall!r}")
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
