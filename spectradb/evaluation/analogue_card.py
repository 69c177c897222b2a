"""What the card of an analogue model says of molecules left out of training: how alike its answers are, what to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from spectradb.arrays.annotated_spectra import is_for_choosing, two_dimensional_key
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.errors import NoSpectra
from spectradb.evaluation.analogues import analogue_task, answers, by_vectors, possible
from spectradb.evaluation.expected_tanimoto import FIRST, fitted_curves, reliability
from spectradb.evaluation.statistics import AnalyteBootstrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt
    import pyarrow as pa

    from spectradb.arrays.annotated_spectra import SplitConfig, TrainingData
    from spectradb.embedders.embedder import Embedder

    Floats = npt.NDArray[np.float64]

#: The evaluation's name on a card, and that of the curves by which scores become expected similarities.
ANALOGUES, EXPECTED = "left_out_molecules", "expected_similarity"
_PROTOCOL = (
    "queries: spectra of molecules that training did not see, up to 3 each and ion mode, by no test or dev contributor; "
    "library: spectra of all other molecules by the same contributors, whatever the precursors; Tanimoto similarity of the "
    "first molecule found, mean over molecules"
)
_CURVE = (
    "mean Tanimoto similarity (Morgan, radius 2, 2,048 bits) of what is found, by its score, of first answers and of later "
    "ones; fitted on one half of the molecules that training did not see, checked by first answers to the other half; a "
    "library of other size or kind changes it"
)
_NAMES = ("morgan", "rdkit")
_SIMILARITIES = ("tanimoto_morgan", "tanimoto_rdkit")


def held_out_analogues(data: TrainingData, split: SplitConfig, embedder: Embedder, *, device: str = "cpu") -> dict[str, Any]:
    """Evaluate an analogue model on molecules that training did not see, and fit what to expect of a score.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What training left out.
    embedder : Embedder
        The model.
    device : str
        Where to embed.

    Returns
    -------
    dict
        For a model card: ``left_out_molecules`` with ``protocol`` and ``rows``, and ``expected_similarity`` with ``protocol``,
        ``curves`` by ion mode and ``reliability``; empty where no molecule was left out, or none of the library is left.
    """
    out = data.left_out(split)
    trained = ~(out["test_contributors"] | out["dev_contributors"] | out["unknown_ion_mode"])
    seen = np.unique(data.analyte[data.training_rows(split)])
    keys = np.array([two_dimensional_key(name) for name in data.analytes])
    unseen = ~np.isin(keys, keys[seen])[data.analyte]
    try:
        task = analogue_task(data, unseen & trained, library=trained, seed=0)
    except NoSpectra:
        return {}
    baseline = BinnedEmbedder()
    own = answers(task, embedder.name, by_vectors(task, embedder, device=device))
    rows = _rows({baseline.name: answers(task, baseline.name, by_vectors(task, baseline)), embedder.name: own}, possible(task))
    found: dict[str, Any] = {ANALOGUES: {"protocol": _PROTOCOL, "rows": rows}}
    choosing = np.array([is_for_choosing(name) for name in own["query_analyte_id"].to_pylist()], dtype=np.bool_)
    fitted, tested = own.filter(choosing), own.filter(~choosing)
    modes = sorted(set(own["ion_mode"].to_pylist()))
    curves = {mode: pair for mode in modes if (pair := fitted_curves(_of(fitted, mode)))}
    if curves:
        checked = [
            {"ion_mode": mode, **row} for mode, curve in curves.items() for row in reliability(_of(tested, mode), curve[FIRST])
        ]
        found[EXPECTED] = {"protocol": _CURVE, "curves": curves, "reliability": checked}
    return found


def analogue_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Describe an evaluation to a person.

    Parameters
    ----------
    rows : iterable of mapping
        Those of the card.

    Returns
    -------
    list of str
        A line for each ion mode and method.
    """
    lines = []
    for row in rows:
        told = f"{row['ion_mode']}, {row['method']}: Morgan {row['tanimoto_morgan']:.3f}, paths {row['tanimoto_rdkit']:.3f}"
        if row["difference_morgan"] is not None:
            told += ", " + " and ".join(_change(row, name) for name in _NAMES) + " from binned"
        best = f"at best {row['highest_morgan']:.3f} and {row['highest_rdkit']:.3f}"
        lines.append(f"{told}; {row['n_molecules']:,} molecules, {best}")
    return lines


def _change(row: Mapping[str, Any], name: str) -> str:
    return f"{row[f'difference_{name}']:+.3f} [{row[f'low_{name}']:+.3f}, {row[f'high_{name}']:+.3f}]"


def _rows(found: dict[str, pa.Table], could: pa.Table) -> list[dict[str, Any]]:
    """Average the first answers of methods over molecules; differences are from the first method, paired."""
    rows = []
    for mode in sorted(set(could["ion_mode"].to_pylist())):
        part = _of(could, mode)
        analyte = part["query_analyte_id"].to_numpy(zero_copy_only=False).astype(str)
        bootstrap = AnalyteBootstrap(np.unique(analyte, return_inverse=True)[1].astype(np.int64))
        highest = bootstrap.per_analyte(np.stack([part[f"highest_{name}"].to_numpy() for name in _NAMES], axis=1)).mean(axis=0)
        first = {method: _first(_of(table, mode)) for method, table in found.items()}
        baseline = next(iter(first.values()))
        for method, values in first.items():
            mean = bootstrap.per_analyte(values).mean(axis=0)
            row = {"method": method, "ion_mode": mode, "n_molecules": bootstrap.n_analytes}
            row |= {name: float(mean[i]) for i, name in enumerate(_SIMILARITIES)}
            change = bootstrap.per_analyte(values - baseline).mean(axis=0)
            low, high = bootstrap.intervals(values - baseline)[1]
            for i, name in enumerate(_NAMES):
                told = values is not baseline
                row[f"difference_{name}"] = float(change[i]) if told else None
                row[f"low_{name}"] = float(low[i]) if told else None
                row[f"high_{name}"] = float(high[i]) if told else None
                row[f"highest_{name}"] = float(highest[i])
            rows.append({name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()})
    return rows


def _first(table: pa.Table) -> Floats:
    first = table.filter(pc.equal(table["rank"], 1))
    return np.stack([first[name].to_numpy() for name in _SIMILARITIES], axis=1)


def _of(table: pa.Table, mode: str) -> pa.Table:
    return table.filter(pc.equal(table["ion_mode"], mode))
