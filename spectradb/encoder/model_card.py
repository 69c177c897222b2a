"""What is written beside the weights of a trained encoder: what it was made from, how, with what, and how it did."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import safetensors
import torch

from spectradb import __version__

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.encoder.training_config import TrainingConfig
    from spectradb.encoder.training_data import SplitConfig, TrainingData

LIMITS = (
    "Trained on reference standards of small molecules; peptides, lipids at low resolution and multiply charged ions are rare. "
    "Molecules that differ in stereochemistry, and many positional isomers, have the same spectrum and the same vector."
)


def model_card(
    config: TrainingConfig,
    data: TrainingData,
    *,
    hash_share: float,
    metrics: dict[str, Any] | None = None,
    device: str | None = None,
) -> dict[str, Any]:
    """Say what a checkpoint was made from.

    Parameters
    ----------
    config : TrainingConfig
        Settings.
    data : TrainingData
        All spectra.
    hash_share : float
        Weight of the hash in the stored vector.
    metrics : dict, optional
        What an evaluation gave; see :func:`spectradb.encoder.evaluation_held_out.held_out_metrics`.
    device : str, optional
        Where it was trained.

    Returns
    -------
    dict
        Values that JSON can hold: ``name``, ``model`` (shape of the network), ``hash_share``, ``training`` (all other settings,
        among them the seed and the split), ``data`` (SHA-256 of the file; spectra and analytes trained on, in all, by
        contributor and by licence; spectra left out, by reason), ``metrics``, ``software`` (versions) and ``limits``.
    """
    seen = data.take(data.training_rows(config.split))
    settings = config.as_dict()
    return {
        "name": config.name,
        "model": settings.pop("model"),
        "hash_share": round(hash_share, 4),
        "training": settings,
        "data": {
            "sha256": data.digest,
            **_counts(seen, np.ones(len(seen), dtype=np.bool_)),
            "contributors": {
                data.contributors[code]: _counts(seen, seen.contributor == code) for code in np.unique(seen.contributor)
            },
            "licenses": {name: int((seen.license == name).sum()) for name in sorted(set(seen.license.astype(str).tolist()))},
            "left_out": _left_out(data, config.split),
        },
        "metrics": metrics or {},
        "software": {
            "spectradb": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
            "safetensors": safetensors.__version__,
            **({} if device is None else {"device": device}),
        },
        "limits": LIMITS,
    }


def _counts(data: TrainingData, chosen: npt.NDArray[np.bool_]) -> dict[str, int]:
    return {"spectra": int(chosen.sum()), "analytes": len(np.unique(data.analyte[chosen]))}


def _left_out(data: TrainingData, split: SplitConfig) -> dict[str, int]:
    """Count spectra by the first reason for which training does not see them."""
    left = np.ones(len(data), dtype=np.bool_)
    counts = {}
    for name, reason in data.left_out(split).items():
        counts[name] = int((left & reason).sum())
        left &= ~reason
    return counts
