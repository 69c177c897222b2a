"""Training an encoder on a lab's libraries: export, training, evaluation and model card in one folder, resumable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb.errors import BadParameter
from spectradb.evaluation.analogue_card import EXPECTED, analogue_lines
from spectradb.training.export import library_names, training_table, write_training_table
from spectradb.training.runs.left_out import left_out_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DATA = "data.arrow"
_SHOWN_SUBSETS = ("all", "seen molecules", "unseen molecules")
_SHOWN_CANDIDATES = ("any", "2 or more")


@dataclass(frozen=True, kw_only=True)
class TrainReport:
    """What training gave.

    Parameters
    ----------
    checkpoint : pathlib.Path
        Weights, with the model card beside them.
    card : dict
        The model card; see :func:`spectradb.training.runs.model_card.model_card`.
    n_exported : int
        Spectra of known analytes that the libraries hold.
    """

    checkpoint: Path
    card: dict[str, Any]
    n_exported: int

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text: what was trained on and left out, how it did on what was left out, and where the result is.
        """
        data = self.card["data"]
        counts = f"{data['spectra']:,} spectra of {data['analytes']:,} analytes by {len(data['contributors']):,} contributors"
        lines = [f"{self.card['name']}: trained on {counts}; {self.n_exported:,} spectra exported"]
        lines.append(f"left out of training: {left_out_words(data['left_out'], data['left_out_licenses'])}")
        for part, found in self.card["metrics"].items():
            lines += _evaluation_lines(part, found, self.card["name"])
        lines += [f"not evaluated: {part}: {reason}" for part, reason in self.card["not_evaluated"].items()]
        return [*lines, f"licence: {self.card['licence']}", f"checkpoint: {self.checkpoint}"]

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        data = {name: self.card["data"][name] for name in ("spectra", "analytes", "licenses", "left_out", "left_out_licenses")}
        told = {"model": self.card["name"], "checkpoint": str(self.checkpoint), "exported": self.n_exported}
        return told | data | {name: self.card[name] for name in ("metrics", "not_evaluated", "licence")}


def train_encoder(
    published: Path,
    config: str | Path,
    folder: Path,
    *,
    libraries: Sequence[str] = (),
    any_licence: bool = False,
    device: str = "cpu",
    threads: int | None = None,
    bar: bool = False,
) -> TrainReport:
    """Train an encoder on libraries of a lab, from where an earlier run in the folder stopped.

    Parameters
    ----------
    published : pathlib.Path
        The lab's ``lab.duckdb``.
    config : str or pathlib.Path
        A shipped configuration (``tiny``, ``small``, ``base``, ``analogue``) or a TOML file.
    folder : pathlib.Path
        Directory for the exported spectra, the state and the checkpoint.
    libraries : sequence of str
        Libraries to train on; empty: all. Studies are never trained on.
    any_licence : bool
        Whether to take spectra of any licence, and of none stated, whatever the configuration says. The card of the model says
        that it stays in house.
    device : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.
    threads : int, optional
        Threads on the CPU; None: all cores.
    bar : bool
        Whether to show a progress bar.

    Returns
    -------
    TrainReport
        What was done.

    Raises
    ------
    BadParameter
        The configuration is wrong, or the folder holds a run with other settings or spectra.
    NoLab, NoCollection, NoSpectra
        There is nothing to train on, or the configuration's split and licences leave nothing; the message counts why.
    """
    # Late, so that a lab can be used without loading PyTorch.
    from spectradb.arrays.annotated_spectra import load_training_data  # noqa: PLC0415
    from spectradb.training.run import any_config, train  # noqa: PLC0415
    from spectradb.training.runs.resumable import STATE  # noqa: PLC0415

    settings = any_config(config)
    if any_licence:
        settings = settings.of_any_licence()
    table = training_table(published, libraries=list(libraries) or library_names(published))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / DATA
    if not _holds(file, table):
        if (folder / STATE).exists():
            raise BadParameter(
                f"{folder}: holds a run on other spectra: the lab has changed since, or other libraries were named. "
                "Name another folder, or remove it."
            )
        write_training_table(table, file)
    checkpoint = train(settings, load_training_data(file), folder, device=device, threads=threads, bar=bar)
    card = json.loads(checkpoint.with_suffix(".json").read_text(encoding="utf-8"))
    return TrainReport(checkpoint=checkpoint, card=card, n_exported=table.num_rows)


def _evaluation_lines(part: str, found: dict[str, Any], name: str) -> list[str]:
    """Write how the model did on one part of what was left out: in all, and on analytes seen and unseen."""
    lines = [f"{part}: {found['protocol']}"]
    if part == EXPECTED:
        checked = "; ".join(
            "{ion_mode} {expected:.2f} expected, {observed:.2f} found".format(**row) for row in found["reliability"]
        )
        return [*lines, f"  {checked}"]
    if found["rows"] and "tanimoto_morgan" in found["rows"][0]:
        return [*lines, *(f"  {line}" for line in analogue_lines(found["rows"]))]
    for row in found["rows"]:
        if row["method"] == name and row["subset"] in _SHOWN_SUBSETS and row["candidates"] in _SHOWN_CANDIDATES:
            change = "{difference:+.3f} [{difference_low:+.3f}, {difference_high:+.3f}] from {baseline}".format(**row)
            asked = f"{row['n_queries']:,} queries of {row['n_analytes']:,} analytes, candidates: {row['candidates']}"
            lines.append(f"  {row['subset']}: top-1 {row['top_1']:.3f} of {asked}; {change}")
    return lines


def _holds(file: Path, table: pa.Table) -> bool:
    if not file.is_file():
        return False
    with pa.memory_map(str(file)) as source:
        return bool(pa.ipc.open_file(source).read_all().equals(table))
