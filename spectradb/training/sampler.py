"""Batches for contrastive training: precursor windows that hold several analytes, several spectra of each.

Every batch is a function of the seed and the number of its step alone, so that a resumed run draws what an uninterrupted one
does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spectradb.errors import NoSpectra

Rows = npt.NDArray[np.int64]
SPECTRA_PER_WINDOW = 4  # fewer than most windows give


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerConfig:
    """Shape of a batch.

    Parameters
    ----------
    batch_size : int
        Spectra per batch, at most.
    window_ppm : float
        Half width of a window in ppm.
    analytes_per_window : int
        Analytes taken from a window, at most.
    spectra_per_analyte : int
        Spectra taken of an analyte, at most.
    contrasting_share : float
        Share of windows that hold at least two analytes, one of them measured by several contributors where there are such.
    """

    batch_size: int = 256
    window_ppm: float = 15.0
    analytes_per_window: int = 8
    spectra_per_analyte: int = 4
    contrasting_share: float = 0.85


class WindowSampler:
    """Draws batches of spectra.

    Parameters
    ----------
    analyte, contributor : numpy.ndarray of shape (n,), int64
        Codes.
    precursor_mz : numpy.ndarray of shape (n,), float64
        Precursor m/z.
    ion_mode : numpy.ndarray of shape (n,), int8
        +1 or -1.
    config : SamplerConfig
        Shape of a batch.
    seed : int
        Source of chance.

    Raises
    ------
    NoSpectra
        No analyte has two spectra, so nothing can be learned.
    """

    def __init__(
        self,
        *,
        analyte: Rows,
        contributor: Rows,
        precursor_mz: npt.NDArray[np.float64],
        ion_mode: npt.NDArray[np.int8],
        config: SamplerConfig,
        seed: int,
    ) -> None:
        self.config = config
        self.seed = seed
        self._order = np.lexsort((precursor_mz, ion_mode))
        self._analyte = analyte[self._order]
        self._contributor = contributor[self._order]
        self._first, self._last = _windows(precursor_mz[self._order], ion_mode[self._order], config.window_ppm)
        n_analytes, n_mates, n_foreign = self._window_contents()
        if not n_mates.any():
            raise NoSpectra("no analyte has two spectra in one precursor window, so there is nothing to train on")
        # Spectra of often measured analytes come up less than in proportion to their number, and each analyte still varies.
        weight = 1.0 / np.sqrt(n_mates + 1.0)
        contrasting = (n_analytes > 1) & (n_mates > 0)
        across = contrasting & (n_foreign > 0)
        self._contrasting = _cumulative(weight * np.where(across, 1.0, np.where(contrasting, 0.5, 0.0)))
        self._any = _cumulative(weight * (n_mates > 0))

    def batch(self, step: int) -> Rows:
        """Draw the batch of one step.

        Parameters
        ----------
        step : int
            Number of the step.

        Returns
        -------
        numpy.ndarray of shape (m,), int64
            Distinct rows of the arrays given, at most ``batch_size``.
        """
        chance = np.random.default_rng((self.seed, step))
        config = self.config
        # More than can be used as a rule: windows are taken until the batch is full.
        n_windows = max(config.batch_size // SPECTRA_PER_WINDOW, 1)
        contrasting = chance.random(n_windows) < config.contrasting_share
        draws = chance.random(n_windows)
        anchors = np.where(contrasting, _drawn(self._contrasting, draws), _drawn(self._any, draws))
        first, sizes = self._first[anchors], self._last[anchors] - self._first[anchors]
        window = np.repeat(np.arange(n_windows), sizes)
        places = np.arange(sizes.sum()) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        picked = self._picked(window, places, anchors, chance)
        _, earliest = np.unique(picked, return_index=True)  # windows that overlap give a spectrum once
        picked = picked[np.sort(earliest)][: config.batch_size]
        return np.asarray(self._order[picked], dtype=np.int64)

    def _picked(self, window: Rows, places: Rows, anchors: Rows, chance: np.random.Generator) -> Rows:
        """Thin out windows: a few analytes of each, the anchor's first, and a few spectra of each, mixing contributors."""
        analyte, contributor = self._analyte[places], self._contributor[places]
        key = chance.random(len(places))
        # Turn of each spectrum among those of its contributor, so that first turns of all contributors precede second ones.
        turn = _rank_within(window, analyte, contributor, key=key)
        rank = _rank_within(window, analyte, key=turn + key)
        is_anchor = analyte == self._analyte[anchors][window]
        representative = rank == 0
        priority = np.where(is_anchor, -1.0, key)[representative]
        analyte_rank = _rank_within(window[representative], key=priority)
        group = _group(window, analyte)
        rank_of_group = np.empty(len(analyte_rank), dtype=np.int64)
        rank_of_group[group[representative]] = analyte_rank
        taken = (rank < self.config.spectra_per_analyte) & (rank_of_group[group] < self.config.analytes_per_window)
        order = np.lexsort((rank[taken], rank_of_group[group][taken], window[taken]))
        return np.asarray(places[taken][order], dtype=np.int64)

    def _window_contents(self) -> tuple[Rows, Rows, Rows]:
        """Count for each spectrum the analytes in its window, its analyte's other spectra, and those of other contributors."""
        n = len(self._order)
        n_analytes, n_mates, n_foreign = (np.zeros(n, dtype=np.int64) for _ in range(3))
        for row in range(n):
            inside = slice(self._first[row], self._last[row])
            analyte = self._analyte[inside]
            mates = analyte == self._analyte[row]
            n_mates[row] = mates.sum() - 1
            n_foreign[row] = (mates & (self._contributor[inside] != self._contributor[row])).sum()
            n_analytes[row] = 1 if mates.all() else 2
        return n_analytes, n_mates, n_foreign


def _windows(precursor_mz: npt.NDArray[np.float64], ion_mode: npt.NDArray[np.int8], ppm: float) -> tuple[Rows, Rows]:
    # Modes lie apart by more than any m/z, so that one search serves all.
    apart = 2.0 * float(precursor_mz.max(initial=0.0)) + 1.0
    key = precursor_mz + apart * ion_mode.astype(np.float64)
    reach = ppm * 1e-6 * precursor_mz
    return np.searchsorted(key, key - reach, side="left"), np.searchsorted(key, key + reach, side="right")


def _cumulative(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    total = np.cumsum(weights)
    return total / total[-1] if total[-1] > 0 else total


def _drawn(cumulative: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]) -> Rows:
    return np.minimum(np.searchsorted(cumulative, draws, side="right"), len(cumulative) - 1)


def _group(*columns: Rows) -> Rows:
    """Give a number to each of the distinct rows of some columns, in ascending order."""
    order = np.lexsort(columns[::-1])
    changes = np.zeros(len(order), dtype=np.bool_)
    for column in columns:
        changes[1:] |= column[order][1:] != column[order][:-1]
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(changes)
    return group


def _rank_within(*columns: Rows, key: npt.NDArray[np.float64]) -> Rows:
    """Rank by ``key`` among the rows that agree in some columns; 0 is the smallest."""
    group = _group(*columns)
    order = np.lexsort((key, group))
    starts = np.searchsorted(group[order], np.arange(group.max(initial=-1) + 1))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - starts[group[order]]
    return rank
