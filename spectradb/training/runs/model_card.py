"""What is written beside the weights of a trained encoder: what it was made from, how, with what, and how it did."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import safetensors
import torch

from spectradb import __version__
from spectradb.models.seen_in_training import analyte_marks, licence_statement
from spectradb.training.runs.left_out import by_license, left_out_counts, left_out_licenses, not_evaluated
from spectradb.training.runs.training_facts import limits, training_facts

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import SplitConfig, TrainingData


class RunConfig(Protocol):
    """Settings of a run, of whatever kind of model.

    Attributes
    ----------
    name : str
        Name of the embedder.
    split : SplitConfig
        What is left out.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described in the class docstring

    @property
    def split(self) -> SplitConfig: ...  # noqa: D102 - described in the class docstring

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as values that JSON can hold.

        Returns
        -------
        dict
            One entry per setting, nested by part; ``model`` is the shape of the network.
        """
        ...


def model_card(
    config: RunConfig,
    data: TrainingData,
    *,
    hash_share: float | None = None,
    metrics: dict[str, Any] | None = None,
    device: str | None = None,
) -> dict[str, Any]:
    """Say what a checkpoint was made from.

    Parameters
    ----------
    config : RunConfig
        Settings.
    data : TrainingData
        All spectra.
    hash_share : float, optional
        Weight of the hash in the stored vector, where that was found in training.
    metrics : dict, optional
        What an evaluation gave; see :func:`spectradb.evaluation.held_out.held_out_metrics`.
    device : str, optional
        Where it was trained.

    Returns
    -------
    dict
        Values that JSON can hold: ``name``, ``model`` (shape of the network), ``hash_share`` (if given), ``training`` (all
        other settings, among them the seed and the split), ``data`` (SHA-256 of the file; spectra and analytes trained on, in
        all, by contributor and by licence; what :func:`spectradb.training.runs.training_facts.training_facts` counts of them;
        marks of the analytes; spectra left out, by reason, and licences of those left out for theirs), ``metrics``,
        ``not_evaluated`` (why), ``software`` (versions), ``licence`` (whether it may be passed on) and ``limits``, which follow
        from the counts.
    """
    seen = data.take(data.training_rows(config.split))
    settings = config.as_dict()
    facts, licenses = training_facts(seen), by_license(seen)
    return {
        "name": config.name,
        "model": settings.pop("model"),
        **({} if hash_share is None else {"hash_share": round(hash_share, 4)}),
        "training": settings,
        "data": {
            "sha256": data.digest,
            **_counts(seen, np.ones(len(seen), dtype=np.bool_)),
            "contributors": {
                data.contributors[code]: _counts(seen, seen.contributor == code) for code in np.unique(seen.contributor)
            },
            "licenses": licenses,
            "facts": facts,
            "analyte_marks": analyte_marks(data.analytes[code] for code in np.unique(seen.analyte)),
            "left_out": left_out_counts(data, config.split),
            "left_out_licenses": left_out_licenses(data, config.split),
        },
        "metrics": metrics or {},
        "not_evaluated": not_evaluated(data, config.split, metrics),
        "software": {
            "spectradb": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
            "safetensors": safetensors.__version__,
            **({} if device is None else {"device": device}),
        },
        "licence": licence_statement(config.split.licenses, licenses),
        "limits": limits(facts),
    }


def _counts(data: TrainingData, chosen: npt.NDArray[np.bool_]) -> dict[str, int]:
    return {"spectra": int(chosen.sum()), "analytes": len(np.unique(data.analyte[chosen]))}
