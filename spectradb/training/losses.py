"""Contrastive losses that separate analytes inside a precursor window, where a library search has to."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMasks:
    """Which pairs of a batch of n spectra play which part.

    Parameters
    ----------
    positive : torch.Tensor of shape (n, n), bool
        Same analyte and ion mode, and from another contributor wherever the row's spectrum has such a partner: the task is to
        find a molecule that another laboratory measured.
    negative : torch.Tensor of shape (n, n), bool
        Another analyte in the same ion mode.
    window : torch.Tensor of shape (n, n), bool
        Same ion mode, precursors within the tolerance.
    """

    positive: torch.Tensor
    negative: torch.Tensor
    window: torch.Tensor


def pair_masks(
    *,
    analyte: torch.Tensor,
    contributor: torch.Tensor,
    precursor_mz: torch.Tensor,
    ion_mode: torch.Tensor,
    window_ppm: float,
) -> PairMasks:
    """Compare every two spectra of a batch.

    Parameters
    ----------
    analyte, contributor : torch.Tensor of shape (n,), int64
        Codes.
    precursor_mz : torch.Tensor of shape (n,), float64
        Precursor m/z.
    ion_mode : torch.Tensor of shape (n,), int64
        +1 or -1.
    window_ppm : float
        Half width of the window, in ppm of the row's precursor.

    Returns
    -------
    PairMasks
        The comparison.
    """
    same_mode = ion_mode[:, None] == ion_mode
    deviation = (precursor_mz - precursor_mz[:, None]).abs()
    window = same_mode & (deviation <= window_ppm * 1e-6 * precursor_mz[:, None])
    same_analyte = analyte[:, None] == analyte
    partner = same_analyte & window & ~torch.eye(len(analyte), dtype=torch.bool, device=analyte.device)
    elsewhere = partner & (contributor[:, None] != contributor)
    positive = torch.where(elsewhere.any(dim=1, keepdim=True), elsewhere, partner)
    return PairMasks(positive=positive, negative=same_mode & ~same_analyte, window=window)


def contrastive_loss(
    logits: torch.Tensor, *, positive: torch.Tensor, negative: torch.Tensor, each_positive: bool = False
) -> torch.Tensor:
    """Supervised contrastive loss over given pairs (Khosla et al. 2020, doi 10.48550/arXiv.2004.11362).

    Parameters
    ----------
    logits : torch.Tensor of shape (n, n), float32
        Similarities, scaled.
    positive, negative : torch.Tensor of shape (n, n), bool
        Pairs to attract, and pairs to tell them from.
    each_positive : bool
        True: the mean over positives p of -log(e_p / (e_p + sum of negatives)), which draws every positive near. False:
        -log(sum of positives / (sum of positives + sum of negatives)), for which the best positives suffice, as they do when
        an analyte is ranked by its best spectrum.

    Returns
    -------
    torch.Tensor, a scalar
        Mean over rows that have both a positive and a negative; 0 where none has.
    """
    usable = positive.any(dim=1) & negative.any(dim=1)
    if not bool(usable.any()):
        return logits.sum() * 0.0
    scores, positive, negative = logits[usable], positive[usable], negative[usable]
    against = scores.masked_fill(~negative, -torch.inf).logsumexp(dim=1)
    if each_positive:
        # softplus(against - score) is -log(e^score / (e^score + e^against)).
        terms = torch.nn.functional.softplus(against[:, None] - scores).masked_fill(~positive, 0.0)
        return (terms.sum(dim=1) / positive.sum(dim=1)).mean()
    attracted = scores.masked_fill(~positive, -torch.inf).logsumexp(dim=1)
    return torch.nn.functional.softplus(against - attracted).mean()
