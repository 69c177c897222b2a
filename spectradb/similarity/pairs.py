"""Scores of many pairs of spectra at once: what every score takes and gives, and how its work is shared among threads."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Callable

Doubles = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

# Enough pairs that starting a thread does not count, few enough that threads finish together.
_PAIRS_PER_TASK = 8192


class Spectra(Protocol):
    """Peaks of n spectra in flat arrays, such as a :class:`spectradb.arrays.peak_batch.PeakBatch`."""

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Spectrum i owns the peaks ``offsets[i]:offsets[i + 1]``; of shape (n + 1,)."""

    @property
    def mz(self) -> Doubles:
        """m/z of each peak, ascending within a spectrum; of shape (total,)."""

    @property
    def intensity(self) -> npt.NDArray[np.float32]:
        """Intensity of each peak, positive; of shape (total,)."""

    @property
    def precursor_mz(self) -> Doubles:
        """m/z of each precursor, NaN where unknown; of shape (n,)."""


class Scores(NamedTuple):
    """Scores of p pairs.

    Parameters
    ----------
    score : numpy.ndarray of float64, shape (p,)
        0 for nothing in common to 1 for the same.
    matches : numpy.ndarray of int32, shape (p,)
        Pairs of peaks behind each score.
    """

    score: Doubles
    matches: npt.NDArray[np.int32]


class Scorer(ABC):
    """Spectra of two sides made ready, so that pairs of them can be scored in any number and order.

    Parameters
    ----------
    left, right : Spectra
        The two sides; they may be the same object.
    """

    def __init__(self, left: Spectra, right: Spectra) -> None:
        self._sizes = (len(left.offsets) - 1, len(right.offsets) - 1)

    def scores(self, left_index: Index, right_index: Index) -> Scores:
        """Score pairs; safe to call from several threads at once.

        Parameters
        ----------
        left_index, right_index : numpy.ndarray of int64, shape (p,)
            Pair i is made of the spectra ``left_index[i]`` of the left and ``right_index[i]`` of the right side.

        Returns
        -------
        Scores
            Of the p pairs, in their order.

        Raises
        ------
        BadParameter
            If the indices do not fit together or name no spectrum.
        """
        left_index, right_index = (np.ascontiguousarray(index, dtype=np.int64) for index in (left_index, right_index))
        if left_index.ndim != 1 or left_index.shape != right_index.shape:
            raise BadParameter(
                f"pairs need two indices of one length, not of shapes {left_index.shape} and {right_index.shape}"
            )
        for index, size, side in zip((left_index, right_index), self._sizes, ("left", "right"), strict=True):
            if len(index) and not (index.min() >= 0 and index.max() < size):
                raise BadParameter(f"an index of the {side} side lies outside its {size} spectra; count from 0")
        found = Scores(np.zeros(len(left_index)), np.zeros(len(left_index), np.int32))

        def work(part: slice) -> None:
            self._fill(left_index[part], right_index[part], Scores(found.score[part], found.matches[part]))

        share_among_threads(work, len(left_index))
        return found

    @abstractmethod
    def _fill(self, left_index: Index, right_index: Index, found: Scores) -> None:
        """Write the scores of pairs into ``found``."""


class PeakScore(ABC):
    """A score of two spectra by their peaks: each kind is a frozen dataclass whose fields are its settings."""

    def settings(self) -> dict[str, str | float | bool]:
        """Return the settings.

        Returns
        -------
        dict of str to value
            Values that JSON can hold.
        """
        return asdict(self)  # type: ignore[call-overload,no-any-return]

    @abstractmethod
    def prepare(self, left: Spectra, right: Spectra) -> Scorer:
        """Make spectra ready for scoring.

        Parameters
        ----------
        left, right : Spectra
            The two sides: queries and library, where a score tells them apart.

        Returns
        -------
        Scorer
            Scores pairs of them.
        """

    def scores(self, left: Spectra, right: Spectra, left_index: Index, right_index: Index) -> Scores:
        """Score pairs of spectra.

        Parameters
        ----------
        left, right : Spectra
            The two sides.
        left_index, right_index : numpy.ndarray of int64, shape (p,)
            Which spectrum of each side makes a pair.

        Returns
        -------
        Scores
            Of the p pairs.
        """
        return self.prepare(left, right).scores(left_index, right_index)


def share_among_threads(work: Callable[[slice], None], n: int) -> None:
    """Run work on parts of n items in as many threads as there are cores; it must let go of the interpreter's lock.

    Parameters
    ----------
    work : callable
        Takes a slice of the items.
    n : int
        Number of items; few are done at once, in the calling thread.
    """
    parts = [slice(start, min(start + _PAIRS_PER_TASK, n)) for start in range(0, n, _PAIRS_PER_TASK)]
    n_threads = min(len(os.sched_getaffinity(0)), len(parts))
    if n_threads <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        for _ in pool.map(work, parts):
            pass


def check_settings(settings: object, *, positive: tuple[str, ...] = (), not_negative: tuple[str, ...] = ()) -> None:
    """Check that settings are finite numbers in their range.

    Parameters
    ----------
    settings : object
        What has them as attributes.
    positive, not_negative : tuple of str
        Names of those that must be above 0, and at least 0.

    Raises
    ------
    BadParameter
        If one is not.
    """
    for name in (*positive, *not_negative):
        value = getattr(settings, name)
        least = "positive" if name in positive else "0 or more"
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))
        if not is_number or value < 0 or (value == 0 and name in positive):
            raise BadParameter(f"{type(settings).__name__}: {name} is {value!r}; give a number that is {least}")
