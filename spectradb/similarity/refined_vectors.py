"""Library vectors refined by what the library itself knows of its neighbourhood.

Spectra of one molecule differ by collision energy, instrument and laboratory, and they differ along the same directions as
those of similar molecules. Where a library holds several spectra of an analyte, it shows these directions. A refined vector
gives them less weight, so that what is left tells analytes apart. It stays one vector, of unit length, and scores queries by
one inner product; the queries' own vectors stay as they are.

For the analytes W that share a precursor window, and the analytes N whose mean vectors are nearest to theirs, with S_a the
covariance of the vectors of analyte a about their mean,

    x' = M^-1 x / |M^-1 x|,   M = 1 + strength (mean of S_a over W + mean of S_a over N)

is Fisher's linear discriminant, with a within-class covariance that is local, as in the discriminant adaptive nearest
neighbours of Hastie and Tibshirani (1996, doi:10.1109/34.506411), and regularised as in Friedman (1989,
doi:10.1080/01621459.1989.10478752). All analytes of a window share the same M, for else their scores could not be compared.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spectradb.errors import BadParameter
from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# Vectors at once where all are read.
_ROWS_AT_ONCE = 16_384
_MOST_NEIGHBOURS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinementConfig:
    """How much a library's vectors are refined.

    Both were chosen on MassBank by searching each laboratory's spectra among those of all others, without the laboratories on
    which results are reported; from 0 to 200 neighbours and from 100 to 800 in strength it matters little.

    Parameters
    ----------
    neighbours : int
        Analytes outside the window whose spectra tell how spectra vary, 0 to 10,000.
    strength : float
        Weight of that variation, 0 or more; 0 refines nothing.

    Raises
    ------
    BadParameter
        If a value is out of range.
    """

    neighbours: int = 20
    strength: float = 400.0

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        if not 0 <= self.neighbours <= _MOST_NEIGHBOURS:
            raise BadParameter(f"neighbours is {self.neighbours}; give a whole number from 0 to {_MOST_NEIGHBOURS:,}")
        if not 0 <= self.strength < float("inf"):
            raise BadParameter(f"strength is {self.strength}; give a number of at least 0, such as 400")


class Refinement:
    """A library whose vectors can be refined.

    Parameters
    ----------
    vectors_at : callable
        Returns the vectors of some rows, at unit length: an array of m rows to a float32 array of shape (m, dimension). Of a
        large library they may stay on disk.
    analyte : numpy.ndarray of shape (n,), int
        Number of each row's analyte, 0 or more.
    precursor_mz : numpy.ndarray of shape (n,), float64
        Precursor m/z of each row.
    ion_mode : numpy.ndarray of shape (n,)
        Polarity of each row; rows of different values have nothing to do with each other.
    ppm : float
        Half-width of the precursor window in ppm.
    config : RefinementConfig
        How much to refine.
    """

    def __init__(
        self,
        vectors_at: Callable[[Rows], Floats],
        *,
        analyte: npt.NDArray[np.integer],
        precursor_mz: npt.NDArray[np.float64],
        ion_mode: npt.NDArray[np.generic],
        ppm: float,
        config: RefinementConfig,
    ) -> None:
        self.vectors_at = vectors_at
        self.ppm = ppm
        self.config = config
        self._blas = late("threadpoolctl").ThreadpoolController()
        _, self._mode = np.unique(ion_mode, return_inverse=True)
        self._mz = precursor_mz
        self._of_mode = [
            _OfMode(vectors_at, np.flatnonzero(self._mode == mode), analyte, precursor_mz)
            for mode in range(int(self._mode.max(initial=-1)) + 1)
        ]

    def refined(self, rows: Rows) -> Floats:
        """Refine the vectors of some rows.

        Parameters
        ----------
        rows : numpy.ndarray of shape (m,), int64
            Which rows, best of neighbouring precursors: those with the same analytes in their window share the work.

        Returns
        -------
        numpy.ndarray of shape (m, dimension), float32
            Unit vectors; a vector of zeros stays as it is.
        """
        refined = self.vectors_at(rows)
        if self.config.strength == 0 or len(rows) == 0:
            return refined

        def refine(part: tuple[_OfMode, Rows, Rows]) -> None:
            of_mode, window, places = part
            refined[places] = _without_spread(refined[places], of_mode.spread(window, self.config))

        # Products of one window are small: threads that share one wait for each other, above all where others hold the cores.
        with self._blas.limit(limits=1, user_api="blas"), ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for _ in pool.map(refine, self._windows(rows)):
                pass
        return _at_unit_length(refined)

    def _windows(self, rows: Rows) -> Iterator[tuple[_OfMode, Rows, Rows]]:
        """Yield the analytes of each window, and the places of the rows that have it."""
        for mode, of_mode in enumerate(self._of_mode):
            places = np.flatnonzero(self._mode[rows] == mode)
            for window, among in of_mode.windows(self._mz[rows[places]], self.ppm):
                yield of_mode, window, places[among]


class _OfMode:
    """The analytes of one ion mode: where their spectra stand, and their mean vectors."""

    def __init__(
        self, vectors_at: Callable[[Rows], Floats], rows: Rows, analyte: npt.NDArray[np.integer], mz: npt.NDArray[np.float64]
    ) -> None:
        self.vectors_at = vectors_at
        # Analytes of this mode by number; rows of one stand together.
        _, number = np.unique(analyte[rows], return_inverse=True)
        by_analyte = np.argsort(number, kind="stable")
        self.rows = rows[by_analyte]
        self.counts = np.bincount(number)
        self.ends = np.cumsum(self.counts)
        self.means = self._means()
        self.directions = _at_unit_length(self.means.copy())
        by_mz = np.argsort(mz[rows], kind="stable")
        self.mz, self.analyte_by_mz = mz[rows][by_mz], number[by_mz]

    def windows(self, mz: npt.NDArray[np.float64], ppm: float) -> Iterator[tuple[Rows, Rows]]:
        """Yield the analytes of each different window about precursors of the library, and the places of these precursors."""
        if len(mz) == 0:
            return
        reach = mz * ppm * 1e-6
        bounds = np.searchsorted(self.mz, mz - reach, side="left"), np.searchsorted(self.mz, mz + reach, side="right")
        different, which = np.unique(np.stack(bounds, axis=1), axis=0, return_inverse=True)
        windows: dict[bytes, int] = {}
        number = np.array(
            [
                windows.setdefault(np.unique(self.analyte_by_mz[first:last]).tobytes(), len(windows))
                for first, last in different
            ],
            dtype=np.int64,
        )[which.ravel()]
        by_window = np.argsort(number, kind="stable")
        places = np.split(by_window, np.cumsum(np.bincount(number, minlength=len(windows)))[:-1])
        for window, of_window in zip(windows, places, strict=True):
            yield np.frombuffer(window, dtype=self.analyte_by_mz.dtype), of_window

    def spread(self, window: Rows, config: RefinementConfig) -> Floats:
        """Return the rows whose products, added to the unit matrix, are the metric that the analytes of a window share."""
        spread = [np.empty((0, self.means.shape[1]), dtype=np.float32)]
        for analytes in (window, self._nearest(window, config.neighbours)):
            several = analytes[self.counts[analytes] > 1]
            scale = np.float32(np.sqrt(config.strength / max(len(several), 1)))
            spread += [scale * self._deviations(analyte) for analyte in several]
        return np.concatenate(spread)

    def _nearest(self, window: Rows, n: int) -> Rows:
        similarity = (self.directions @ self.directions[window].T).max(axis=1)
        similarity[window] = -1.0
        n = min(n, len(similarity))
        nearest: Rows = np.argpartition(-similarity, n - 1)[:n] if n else np.empty(0, dtype=np.int64)
        near: npt.NDArray[np.bool_] = similarity[nearest] > 0
        return nearest[near]

    def _deviations(self, analyte: int) -> Floats:
        """Return what differs from the mean of an analyte's vectors, so scaled that its products add up to the covariance."""
        n = self.counts[analyte]
        rows = self.rows[self.ends[analyte] - n : self.ends[analyte]]
        deviations: Floats = (self.vectors_at(rows) - self.means[analyte]) / np.float32(np.sqrt(n - 1))
        return deviations

    def _means(self) -> Floats:
        number = np.repeat(np.arange(len(self.counts)), self.counts)
        sums: npt.NDArray[np.float64] | None = None
        for start in range(0, len(self.rows), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            vectors = self.vectors_at(self.rows[part])
            if sums is None:
                sums = np.zeros((len(self.counts), vectors.shape[1]))
            starts = np.flatnonzero(np.diff(number[part], prepend=-1))
            sums[number[part][starts]] += np.add.reduceat(vectors, starts, axis=0, dtype=np.float64)
        if sums is None:
            return np.zeros((0, 0), dtype=np.float32)
        return (sums / self.counts[:, None]).astype(np.float32)


def _without_spread(vectors: Floats, spread: Floats) -> Floats:
    """Multiply m vectors by the inverse of 1 + spread' spread, by way of the smaller of both products (Woodbury's identity)."""
    n, dimension = spread.shape
    if n < dimension:
        inner = np.eye(n, dtype=np.float32) + spread @ spread.T
        share: Floats = np.linalg.solve(inner, spread @ vectors.T)
        return vectors - share.T @ spread
    metric = np.eye(dimension, dtype=np.float32) + spread.T @ spread
    whole: Floats = np.linalg.solve(metric, vectors.T).T
    return whole


def _at_unit_length(vectors: Floats) -> Floats:
    """Bring vectors to unit length in their place; those of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    vectors /= lengths
    return vectors
