"""What training leaves out, in numbers and in words: how much, why, and what of it could not be evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.models.seen_in_training import licences_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import SplitConfig, TrainingData

_WORDS = {
    "test_contributors": "of test contributors",
    "dev_contributors": "of dev contributors",
    "unseen_analytes": "of analytes kept unseen",
    "license": "for their licence",
    "unknown_ion_mode": "without ion mode",
}


def by_license(data: TrainingData) -> dict[str, int]:
    """Count spectra by licence.

    Parameters
    ----------
    data : TrainingData
        Spectra.

    Returns
    -------
    dict of str to int
        In alphabetical order; the empty string: none stated.
    """
    return {name: int((data.license == name).sum()) for name in sorted(set(data.license.astype(str).tolist()))}


def left_out_counts(data: TrainingData, split: SplitConfig) -> dict[str, int]:
    """Count spectra by the first reason for which training does not see them.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What is left out.

    Returns
    -------
    dict of str to int
        By reason, as :meth:`spectradb.arrays.annotated_spectra.TrainingData.left_out` names them.
    """
    return {name: int(chosen.sum()) for name, chosen in _first_reasons(data, split).items()}


def left_out_licenses(data: TrainingData, split: SplitConfig) -> dict[str, int]:
    """Count the spectra that training does not see for their licence, by licence.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What is left out.

    Returns
    -------
    dict of str to int
        As :func:`by_license`; the sum is what :func:`left_out_counts` counts.
    """
    return by_license(data.take(np.flatnonzero(_first_reasons(data, split)["license"])))


def left_out_words(counts: Mapping[str, int], licenses: Mapping[str, int]) -> str:
    """Write what was left out.

    Parameters
    ----------
    counts, licenses : mapping of str to int
        As :func:`left_out_counts` and :func:`left_out_licenses` give them.

    Returns
    -------
    str
        Such as ``26 of analytes kept unseen, 12 for their licence (CC BY-NC 12)``; ``nothing`` for nothing.
    """
    told = []
    for name, n in counts.items():
        if n:
            which = f" ({licences_in_words(licenses)})" if name == "license" and licenses else ""
            told.append(f"{n:,} {_WORDS.get(name, name)}{which}")
    return ", ".join(told) or "nothing"


def left_out_sentence(data: TrainingData, split: SplitConfig) -> str:
    """Say how many spectra there are and which are left out, with the remedy where licences are the reason.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What is left out.

    Returns
    -------
    str
        One or two sentences.
    """
    counts, licenses = left_out_counts(data, split), left_out_licenses(data, split)
    told = f"Of {len(data):,} spectra of known analytes were left out: {left_out_words(counts, licenses)}."
    if not counts["license"]:
        return told
    permitted = ", ".join(split.licenses)
    return (
        f"{told} The configuration permits {permitted}: name other licences in its [split], or train with --any-licence a "
        "model that stays in house."
    )


def nothing_left(data: TrainingData, split: SplitConfig, *, name: str) -> str:
    """Say why there is nothing to train on.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What is left out.
    name : str
        Name of the encoder that was to be.

    Returns
    -------
    str
        Reasons with counts, and the remedy.
    """
    sentence = left_out_sentence(data, split)
    remedy = "" if left_out_counts(data, split)["license"] else " Change [split] of the configuration, or name other libraries."
    return f"nothing is left to train {name} on. {sentence}{remedy}"


def not_evaluated(data: TrainingData, split: SplitConfig, metrics: Mapping[str, object] | None) -> dict[str, str]:
    """Say which evaluations a finished training does not have, and why.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What was left out.
    metrics : mapping, optional
        What :func:`spectradb.evaluation.held_out.held_out_metrics` gave; None: it was not asked.

    Returns
    -------
    dict of str to str
        Reasons, by the names of evaluations and of what was kept for them.
    """
    reasons = {}
    for kind, names in (("test_contributors", split.test_contributors), ("dev_contributors", split.dev_contributors)):
        absent = sorted(set(names) - set(data.contributors))
        if names and len(absent) == len(names):
            reasons[kind] = f"the configuration keeps {', '.join(absent)} apart, but the libraries have no spectrum of theirs"
    done = metrics or {}
    if metrics is None:
        reasons |= dict.fromkeys(("dev_contributors", "left_out_molecules"), "no evaluation was asked for")
    if "dev_contributors" not in done and "dev_contributors" not in reasons:
        kept = int(data.from_contributors(split.dev_contributors).sum())
        reasons["dev_contributors"] = (
            f"none of their {kept:,} spectra has its analyte among those of another contributor"
            if split.dev_contributors
            else "the configuration keeps no dev contributors apart"
        )
    if "left_out_molecules" not in done and "left_out_molecules" not in reasons:
        kept = left_out_counts(data, split)["unseen_analytes"]
        reasons["left_out_molecules"] = (
            f"{kept:,} spectra of analytes kept unseen; none has its analyte among those of another contributor"
            if kept
            else f"no analyte was kept unseen (unseen_share is {split.unseen_share:g})"
        )
    return reasons


def _first_reasons(data: TrainingData, split: SplitConfig) -> dict[str, npt.NDArray[np.bool_]]:
    left = np.ones(len(data), dtype=np.bool_)
    first = {}
    for name, reason in data.left_out(split).items():
        first[name] = left & reason
        left &= ~reason
    return first
