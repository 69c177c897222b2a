"""What each ingredient of a recipe gives: variants of a configuration, trained alike and judged on dev contributors.

``python -m spectradb.training.ablation small data.arrow runs/ablation --steps 500`` trains what ``ablation.toml`` lists,
one after the other, each in a folder of its own. A run that was killed goes on where it stopped. The test contributors take no
part.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.errors import BadParameter, SpectraDBError
from spectradb.training.config import TrainingConfig, training_config
from spectradb.training.run import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.arrays.annotated_spectra import TrainingData

_COLUMNS = ("top_1", "top_1_per_analyte", "auc_in_reach", "difference", "difference_low", "difference_high")


def shipped_changes() -> dict[str, dict[str, Any]]:
    """Read the variants that the package lists.

    Returns
    -------
    dict of str to dict
        Settings that differ, by the name of the variant; the first is the recipe itself.
    """
    text = resources.files("spectradb.training").joinpath("ablation.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def variants(config: TrainingConfig, changes: dict[str, dict[str, Any]], *, n_steps: int) -> dict[str, TrainingConfig]:
    """Change a configuration, one ingredient at a time.

    Parameters
    ----------
    config : TrainingConfig
        The recipe.
    changes : dict of str to dict
        Settings that differ, by the name of the variant.
    n_steps : int
        Batches that each variant is trained for, the learning rate falling over their second half.

    Returns
    -------
    dict of str to TrainingConfig
        The variants.

    Raises
    ------
    BadParameter
        A setting is unknown, or the recipe has no dev contributors to judge by.
    """
    if not config.split.dev_contributors:
        raise BadParameter(f"{config.name} has no dev_contributors, by which variants are judged. Name some in its [split].")
    short = {"n_steps": n_steps, "decay_share": 0.5}
    made = {}
    for name, change in changes.items():
        settings = config.as_dict()
        settings["optimisation"] |= short
        for part, values in change.items():
            settings[part] = settings[part] | values if isinstance(values, dict) else values
        made[name] = TrainingConfig.from_dict(settings, place=name)
    return made


def judge(config: TrainingConfig, data: TrainingData, folder: Path, *, device: str, threads: int | None) -> dict[str, Any]:
    """Train one variant and read from its card how it did.

    Parameters
    ----------
    config : TrainingConfig
        The variant.
    data : TrainingData
        All spectra.
    folder : pathlib.Path
        Where the run is kept.
    device : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.
    threads : int or None
        Threads on the CPU.

    Returns
    -------
    dict
        ``top_1``, ``top_1_per_analyte``, ``auc_in_reach`` (of queries whose analyte can be found, as all are here) and the
        ``difference`` of top_1 from ``binned`` with its 95% interval, of the pooled vector alone and of the whole vector, over
        queries of dev contributors with two or more candidate analytes.
    """
    checkpoint = folder / f"{config.name}.safetensors"
    if not checkpoint.with_suffix(".json").exists():
        train(config, data, folder, device=device, threads=threads)
    card = json.loads(checkpoint.with_suffix(".json").read_text(encoding="utf-8"))
    rows = card["metrics"]["dev_contributors"]["rows"]
    chosen = {row["method"]: row for row in rows if row["subset"] == "all" and row["candidates"] == "2 or more"}
    methods = {"binned": "binned", "encoder": f"{config.name} encoder", "fused": config.name}
    found = {part: {name: chosen[method].get(name) for name in _COLUMNS} for part, method in methods.items()}
    return {"n_queries": chosen["binned"]["n_queries"], **found}


def table_lines(results: dict[str, dict[str, Any]]) -> list[str]:
    """Write results as a Markdown table.

    Parameters
    ----------
    results : dict of str to dict
        As :func:`judge` gives, by the name of the variant.

    Returns
    -------
    list of str
        Lines.
    """
    lines = [
        "| variant | encoder top-1 % | AUC in reach | with the hash top-1 % | AUC in reach | points above binned |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        encoder, fused = result["encoder"], result["fused"]
        interval = f"{100 * fused['difference_low']:+.1f}, {100 * fused['difference_high']:+.1f}"
        parts = [f"{100 * part['top_1']:.1f} | {part['auc_in_reach']:.3f}" for part in (encoder, fused)]
        lines.append(f"| {name} | {' | '.join(parts)} | {100 * fused['difference']:+.1f} [{interval}] |")
    if results:
        first = next(iter(results.values()))
        binned = first["binned"]
        shares = f"{100 * binned['top_1']:.1f} %, AUC in reach {binned['auc_in_reach']:.3f}"
        lines += ["", f"binned: {shares}; {first['n_queries']:,} queries"]
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the ablation that the command line names.

    Parameters
    ----------
    arguments : sequence of str, optional
        Configuration, data file, folder, and options; None: those of the process.
    """
    parser = argparse.ArgumentParser(
        prog="python -m spectradb.training.ablation", description="Train and judge variants of a recipe."
    )
    parser.add_argument("config", help="name of a shipped configuration, or a TOML file")
    parser.add_argument("data", type=Path, help="Arrow file that was exported from a lab")
    parser.add_argument("folder", type=Path, help="directory for the runs and the results")
    parser.add_argument("--changes", type=Path, help="TOML file with the variants; default: the shipped ablation.toml")
    parser.add_argument("--steps", type=int, default=500, help="batches for each variant; default: 500")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:<number>")
    parser.add_argument("--threads", type=int, help="threads on the CPU; default: all cores")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        _run(options)
    except SpectraDBError as error:
        sys.exit(f"Error: {error}")


def _run(options: argparse.Namespace) -> None:
    changes = shipped_changes() if options.changes is None else tomllib.loads(options.changes.read_text(encoding="utf-8"))
    chosen = variants(training_config(options.config), changes, n_steps=options.steps)
    data = load_training_data(options.data)
    results = {}
    for name, config in chosen.items():
        folder = options.folder / re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        results[name] = judge(config, data, folder, device=options.device, threads=options.threads)
        (options.folder / "ablation.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write("\n".join(table_lines(results)) + "\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
