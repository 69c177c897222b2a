"""The scores of peaks by name, with their settings.

A score is imported when it is first asked for: listing the names does not load the compiler of the kernels.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.similarity.pairs import PeakScore

Setting = str | float | bool

#: Module and class of each score.
_SCORES = {
    "cosine_greedy": ("cosine", "CosineGreedy"),
    "cosine_hungarian": ("cosine", "CosineHungarian"),
    "modified_cosine": ("cosine", "ModifiedCosine"),
    "modified_cosine_hungarian": ("cosine", "ModifiedCosineHungarian"),
    "weighted_cosine": ("weighted_cosine", "WeightedCosine"),
    "entropy_similarity": ("entropy", "EntropySimilarity"),
}

#: Names of the scores.
PEAK_SCORES: tuple[str, ...] = tuple(_SCORES)


def peak_score(method: str, settings: Mapping[str, Setting] | None = None) -> PeakScore:
    """Return a score of peaks with its settings.

    Parameters
    ----------
    method : str
        One of :data:`PEAK_SCORES`.
    settings : mapping of str to value, optional
        Settings that differ from the score's defaults. Text is read as the kind of value that the default is.

    Returns
    -------
    PeakScore
        Ready to score pairs.

    Raises
    ------
    BadParameter
        If there is no such score or setting, or a value means nothing.
    """
    kind = _kind(method)
    defaults = kind().settings()
    unknown = sorted(set(settings or {}) - set(defaults))
    if unknown:
        raise BadParameter(f"{method} has no setting {unknown[0]!r}; it has: {known_names(unknown[0], defaults)}")
    return kind(**{name: _read(method, name, value, defaults[name]) for name, value in (settings or {}).items()})


def _kind(method: str) -> type[PeakScore]:
    if method not in _SCORES:
        raise BadParameter(f"there is no score {method!r}; there are: {known_names(method, PEAK_SCORES)}")
    module, name = _SCORES[method]
    kind: type[PeakScore] = getattr(importlib.import_module(f"spectradb.similarity.{module}"), name)
    return kind


def _read(method: str, name: str, value: Setting, default: Setting) -> Setting:
    """Read a setting that came as text, as from a command line."""
    if not isinstance(value, str) or isinstance(default, str):
        return value
    if isinstance(default, bool):
        if value.lower() not in {"true", "false"}:
            raise BadParameter(f"{method}: {name} is {value!r}; give true or false")
        return value.lower() == "true"
    try:
        return type(default)(value)
    except ValueError as error:
        raise BadParameter(f"{method}: {name} is {value!r}; give a number such as {default}") from error
