"""Splits of runs or samples into those to learn from and those to be judged by; groups never straddle a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from spectradb.errors import BadParameter
from spectradb.samples.experiment import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator

TEST_SHARE = 0.3
N_FOLDS = 5

Indices = npt.NDArray[np.intp]
Labels = npt.NDArray[np.str_]


def is_repeated(kind: str) -> bool:
    """Tell whether another seed gives other splits.

    Parameters
    ----------
    kind : str
        One of ``SPLITS``.

    Returns
    -------
    bool
        False for splits that leave out each one in turn.
    """
    return kind in {"stratified", "cv"}


def make_splits(
    kind: str, classes: Labels | None, groups: Labels | None, n: int, *, seed: int = 0
) -> Iterator[tuple[Indices, Indices]]:
    """Split runs or samples.

    Parameters
    ----------
    kind : str
        ``stratified``: one split, 70 to learn from and 30 to be judged by, classes in proportion; with groups, whole groups in
        proportion to the class that most of their members have. ``cv``: five folds (fewer where a class has fewer members or
        groups). ``leave-group-out``: each group in turn. ``leave-one-out``: each one in turn, whatever its group.
    classes : numpy.ndarray of str, shape (n,), or None
        Class of each; None in a regression, which is not stratified.
    groups : numpy.ndarray of str, shape (n,), or None
        Group of each.
    n : int
        How many there are.
    seed : int
        Seed of ``stratified`` and ``cv``.

    Yields
    ------
    (numpy.ndarray of int, numpy.ndarray of int)
        Indices to learn from, and to be judged by.

    Raises
    ------
    BadParameter
        If there are too few of a class, or no groups to leave out.
    """
    if kind not in SPLITS:
        msg = f"splits {kind!r} must be one of {', '.join(SPLITS)}"
        raise BadParameter(msg)
    nothing = np.zeros(n)
    if kind == "leave-one-out":
        yield from LeaveOneOut().split(nothing)
    elif kind == "leave-group-out":
        if groups is None or len(set(groups)) < 2:
            msg = "leave-group-out needs at least two groups: name their column with --groups"
            raise BadParameter(msg)
        yield from LeaveOneGroupOut().split(nothing, groups=groups)
    elif kind == "cv":
        yield from _folds(classes, groups, n, seed)
    elif groups is None:
        shuffled = ShuffleSplit if classes is None else StratifiedShuffleSplit
        _require(classes, 2)
        yield from _checked(shuffled(1, test_size=TEST_SHARE, random_state=seed).split(nothing, classes))
    elif classes is None:
        yield from GroupShuffleSplit(1, test_size=TEST_SHARE, random_state=seed).split(nothing, groups=groups)
    else:
        yield _grouped_holdout(classes, groups, seed)


def _folds(classes: Labels | None, groups: Labels | None, n: int, seed: int) -> Iterator[tuple[Indices, Indices]]:
    nothing = np.zeros(n)
    if classes is None:
        members = n if groups is None else len(set(groups))
    else:
        members = _require(classes if groups is None else _class_of_groups(classes, groups)[1], 2)
    folds = min(N_FOLDS, members)
    if folds < 2:
        msg = "cross-validation needs at least two groups, or two runs or samples"
        raise BadParameter(msg)
    if classes is None:
        kind = KFold if groups is None else GroupKFold
        yield from kind(folds, shuffle=True, random_state=seed).split(nothing, groups=groups)
    elif groups is None:
        yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(nothing, classes)
    else:
        yield from StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(nothing, classes, groups)


def _grouped_holdout(classes: Labels, groups: Labels, seed: int) -> tuple[Indices, Indices]:
    names, class_of = _class_of_groups(classes, groups)
    _require(class_of, 2)
    holdout = StratifiedShuffleSplit(1, test_size=TEST_SHARE, random_state=seed)
    _, held_out = next(iter(_checked(holdout.split(np.zeros(len(names)), class_of))))
    is_held_out = np.isin(groups, names[held_out])
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def _class_of_groups(classes: Labels, groups: Labels) -> tuple[Labels, Labels]:
    """Name the groups, and the class that most of the members of each have."""
    names = np.unique(groups)
    commonest = []
    for name in names:
        values, counts = np.unique(classes[groups == name], return_counts=True)
        commonest.append(values[counts.argmax()])
    return names, np.array(commonest)


def _require(classes: Labels | None, least: int) -> int:
    """Return the size of the smallest class; raise where it is too small."""
    if classes is None:
        return 0
    values, counts = np.unique(classes, return_counts=True)
    if len(values) < 2:
        msg = f"there is only one class ({values[0]}): nothing can be told apart"
        raise BadParameter(msg)
    if counts.min() < least:
        msg = (
            f"class {str(values[counts.argmin()])!r} has {counts.min()} member or group, and needs {least}: one to learn from, "
            "one to be judged by. Leave it out with --only, or choose --splits leave-one-out without --groups."
        )
        raise BadParameter(msg)
    return int(counts.min())


def _checked(splits: Iterator[tuple[Indices, Indices]]) -> Iterator[tuple[Indices, Indices]]:
    try:
        yield from splits
    except ValueError as error:
        msg = f"too few runs or samples for a 70/30 split ({error}). Choose --splits cv or leave-one-out."
        raise BadParameter(msg) from error
