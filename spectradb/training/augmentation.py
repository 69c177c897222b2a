"""Random changes that two laboratories' spectra of one molecule show, for training; whole batches at once, on their device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from spectradb.embedders.transformer.tokens import PaddedPeaks

if TYPE_CHECKING:
    from collections.abc import Callable

MERGE_PPM = 10.0  # peaks nearer than this are one peak when two spectra are merged
LOWEST_NOISE_MZ = 40.0
SUBSTITUENTS = (14.01565, 15.99491, 2.01565, 15.01090)  # Da; CH2, O, H2, NH
LOWEST_ANALOGUE_MZ = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentationConfig:
    """Strengths; 0 turns a change off.

    Parameters
    ----------
    dropout : float
        Largest share of the weakest peaks that a spectrum loses; stronger peaks are lost more rarely, the base peak never.
    intensity_jitter : float
        Standard deviation of the natural logarithm of each intensity.
    contrast : float
        Intensities are raised to a power between 1 - contrast and 1 + contrast, one for each spectrum.
    ppm_jitter, ppm_shift : float
        Standard deviations in ppm of m/z errors, one for each peak and one for each spectrum.
    noise_peaks : float
        Weak peaks at random m/z to add, on average, as a share of the peaks present.
    precursor_dropped : float
        Probability that peaks within 0.5 Da of the precursor, or above it, are removed.
    cutoff : float
        Probability that peaks below a random m/z, at most a third of the precursor's, are removed.
    threshold : float
        Probability that peaks below a random threshold of at most 5% are removed.
    merged : float
        Probability that a spectrum is merged with another of its analyte, as spectra of stepped energies are.
    analogues : float
        Probability that all spectra of a window become those of analogues of their molecules; see :func:`make_analogues`.
    """

    dropout: float = 0.5
    intensity_jitter: float = 0.4
    contrast: float = 0.3
    ppm_jitter: float = 2.0
    ppm_shift: float = 3.0
    noise_peaks: float = 0.15
    precursor_dropped: float = 0.3
    cutoff: float = 0.2
    threshold: float = 0.3
    merged: float = 0.15
    analogues: float = 0.0


def augment(
    peaks: PaddedPeaks, config: AugmentationConfig, *, generator: torch.Generator, partner: torch.Tensor | None = None
) -> PaddedPeaks:
    """Change spectra at random.

    Parameters
    ----------
    peaks : PaddedPeaks
        n spectra of at most L peaks.
    config : AugmentationConfig
        How strongly.
    generator : torch.Generator
        Source of chance, on the device of ``peaks``.
    partner : torch.Tensor of shape (n,), int64, optional
        Row of a spectrum to merge with; the row itself where there is none. None: nothing is merged.

    Returns
    -------
    PaddedPeaks
        n spectra of at most L peaks, none without peaks that had some, in front of their padding.
    """
    length = peaks.mz.shape[1]
    if partner is not None and config.merged:
        peaks = _merge(peaks, partner, probability=config.merged, generator=generator)

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator, device=peaks.mz.device)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, device=peaks.mz.device)

    shape = tuple(peaks.mz.shape)
    mz, intensity = peaks.mz, peaks.intensity
    error = config.ppm_shift * normal(len(peaks), 1) + config.ppm_jitter * normal(*shape)
    mz = mz * (1.0 + 1e-6 * error.double())
    precursor_mz = peaks.precursor_mz * (1.0 + 1e-6 * config.ppm_shift * normal(len(peaks)).double())
    intensity = intensity * (config.intensity_jitter * normal(*shape)).exp()
    power = 1.0 + config.contrast * (2.0 * uniform(len(peaks), 1) - 1.0)
    intensity = torch.where(peaks.present, intensity.clamp_min(1e-9) ** power, 0.0)
    intensity = _relative(intensity)
    kept = _kept(peaks, intensity, config, uniform)
    intensity = torch.where(kept, intensity, 0.0)
    if config.noise_peaks:
        mz, intensity = _with_noise(mz, intensity, peaks, config.noise_peaks, uniform)
    changed = PaddedPeaks(mz=mz, intensity=_relative(intensity), precursor_mz=precursor_mz, ion_mode=peaks.ion_mode)
    return changed.compact(n_peaks=length)


def window_groups(precursor_mz: torch.Tensor, ion_mode: torch.Tensor, *, window_ppm: float) -> torch.Tensor:
    """Put spectra whose precursors are linked by steps within a window into one group.

    Parameters
    ----------
    precursor_mz : torch.Tensor of shape (n,), float64
        Precursor m/z.
    ion_mode : torch.Tensor of shape (n,), int64
        +1, -1 or 0; different modes are different groups.
    window_ppm : float
        Largest step within a group, in ppm.

    Returns
    -------
    torch.Tensor of shape (n,), int64
        Number of each spectrum's group, below n.
    """
    by_mass = torch.argsort(precursor_mz, stable=True)
    order = by_mass[torch.argsort(ion_mode[by_mass], stable=True)]
    mass, mode = precursor_mz[order], ion_mode[order]
    begins = (mode[1:] != mode[:-1]) | (mass[1:] - mass[:-1] > window_ppm * 1e-6 * mass[:-1])
    group = torch.zeros_like(order)
    group[order[1:]] = torch.cumsum(begins, dim=0)
    return group


def make_analogues(peaks: PaddedPeaks, group: torch.Tensor, *, probability: float, generator: torch.Generator) -> PaddedPeaks:
    """Turn the molecules of a window into analogues that carry other substituents.

    In each chosen group one random combination of CH2, O, H2 and NH is added to the m/z of all peaks above a random m/z, and
    another to the precursor, in all its spectra alike. Which spectra belong together, and which differ, stays as it was, while
    masses that a network could learn by heart change: what remains to be learned is how to compare.

    Parameters
    ----------
    peaks : PaddedPeaks
        n spectra.
    group : torch.Tensor of shape (n,), int64
        As :func:`window_groups` gives.
    probability : float
        Share of groups to change.
    generator : torch.Generator
        Source of chance, on the device of ``peaks``.

    Returns
    -------
    PaddedPeaks
        n spectra of as many peaks, in the same order.
    """
    n = len(peaks)
    device = peaks.mz.device
    units = torch.tensor(SUBSTITUENTS, dtype=torch.float64, device=device)
    counts = torch.randint(-1, 3, (2, n, len(units)), generator=generator, device=device).double()
    chance = torch.rand((3, n), generator=generator, device=device).double()
    chosen = chance[0] < probability
    of_peaks, more = (counts @ units)[:, group]
    # Half of the time all peaks carry the substituent, else those above a random share of the precursor.
    threshold = torch.where(chance[1] < 0.5, 0.0, chance[2])[group] * peaks.precursor_mz
    changes = chosen[group] & (peaks.precursor_mz > 0)
    moved = peaks.present & changes[:, None] & (peaks.mz > threshold[:, None])
    mz = torch.where(moved, (peaks.mz + of_peaks[:, None]).clamp_min(LOWEST_ANALOGUE_MZ), peaks.mz)
    shift = of_peaks + more.clamp_min(0.0)
    precursor_mz = torch.where(changes, (peaks.precursor_mz + shift).clamp_min(LOWEST_ANALOGUE_MZ), peaks.precursor_mz)
    return PaddedPeaks(mz=mz, intensity=peaks.intensity, precursor_mz=precursor_mz, ion_mode=peaks.ion_mode)


def _relative(intensity: torch.Tensor) -> torch.Tensor:
    return intensity / intensity.amax(dim=1, keepdim=True).clamp_min(1e-30)


def _kept(
    peaks: PaddedPeaks, intensity: torch.Tensor, config: AugmentationConfig, uniform: Callable[..., torch.Tensor]
) -> torch.Tensor:
    n = len(peaks)
    known = (peaks.precursor_mz > 0)[:, None]
    lost = uniform(*peaks.mz.shape) < config.dropout * uniform(n, 1) * (1.0 - intensity.sqrt())
    drops_precursor = (uniform(n, 1) < config.precursor_dropped) & known
    lost |= drops_precursor & (peaks.mz > peaks.precursor_mz[:, None] - 0.5)
    cuts = (uniform(n, 1) < config.cutoff) & known
    lost |= cuts & (peaks.mz < uniform(n, 1) * peaks.precursor_mz[:, None] / 3.0)
    has_threshold = uniform(n, 1) < config.threshold
    lost |= has_threshold & (intensity < 0.05 * uniform(n, 1) ** 2)
    left = peaks.present & ~lost
    # A spectrum that would lose everything keeps its base peak.
    base = peaks.present & (intensity >= intensity.amax(dim=1, keepdim=True))
    return torch.where(left.any(dim=1, keepdim=True), left, base)


def _with_noise(
    mz: torch.Tensor, intensity: torch.Tensor, peaks: PaddedPeaks, share: float, uniform: Callable[..., torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Put noise into a few more columns; what exceeds the length is cut by intensity later."""
    n_present = (intensity > 0).sum(dim=1, keepdim=True)
    width = max(1, min(8, mz.shape[1]))
    highest = torch.where(peaks.precursor_mz > LOWEST_NOISE_MZ, peaks.precursor_mz, 10 * LOWEST_NOISE_MZ)[:, None]
    noise_mz = LOWEST_NOISE_MZ + uniform(len(mz), width).double() * (highest - LOWEST_NOISE_MZ)
    added = (uniform(len(mz), width) < share * n_present / width) & (n_present > 0)
    noise = torch.where(added, 0.002 + 0.05 * uniform(len(mz), width) ** 2, 0.0)
    return torch.cat([mz, noise_mz], dim=1), torch.cat([intensity, noise], dim=1)


def _merge(peaks: PaddedPeaks, partner: torch.Tensor, *, probability: float, generator: torch.Generator) -> PaddedPeaks:
    chance = torch.rand((2, len(peaks), 1), generator=generator, device=peaks.mz.device)
    merges = (chance[0] < probability) & (partner != torch.arange(len(peaks), device=partner.device))[:, None]
    added = torch.where(merges, peaks.intensity[partner] * (0.2 + 0.8 * chance[1]), 0.0)
    mz = torch.cat([peaks.mz, peaks.mz[partner]], dim=1)
    intensity = torch.cat([peaks.intensity, added], dim=1)
    # Padding goes last, so that neighbours are peaks.
    mz, order = torch.where(intensity > 0, mz, torch.inf).sort(dim=1, stable=True)
    intensity = torch.gather(intensity, 1, order)
    source = order >= peaks.mz.shape[1]
    near = (mz[:, 1:] - mz[:, :-1] <= MERGE_PPM * 1e-6 * mz[:, :-1]) & (source[:, 1:] != source[:, :-1])
    near[:, 1:] &= ~near[:, :-1]  # of three in a row the first two are one peak
    zero = torch.zeros_like(intensity[:, :1])
    gained = torch.cat([torch.where(near, intensity[:, 1:], 0.0), zero], dim=1)
    absorbed = torch.cat([zero.bool(), near], dim=1)
    intensity = torch.where(absorbed, 0.0, intensity + gained)
    mz = torch.where(intensity > 0, mz, 0.0)
    merged = PaddedPeaks(mz=mz, intensity=_relative(intensity), precursor_mz=peaks.precursor_mz, ion_mode=peaks.ion_mode)
    return merged.compact(n_peaks=peaks.mz.shape[1])
