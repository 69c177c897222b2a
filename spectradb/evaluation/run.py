"""Evaluating trained encoders on one exported file, where PyTorch, NumPy, PyArrow, safetensors and DuckDB are installed.

``python -m spectradb.evaluation.run data.arrow small.safetensors --queries LCSB --queries Athens_Univ``
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from spectradb.arrays.annotated_spectra import SplitConfig, load_training_data
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.embedders.toml_sections import section_from_dict
from spectradb.embedders.transformer.embedder import TransformerEmbedder
from spectradb.errors import BadParameter, SpectraDBError
from spectradb.evaluation.evaluate import evaluate, method_scores
from spectradb.evaluation.queries import query_subsets, search_pairs, trained_analytes
from spectradb.evaluation.refined import refined_scores
from spectradb.evaluation.report import as_values, member_lines, report_lines
from spectradb.models.seen_in_training import analyte_mark, contributors_on_card, marks_on_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.embedders.embedder import Embedder
    from spectradb.evaluation.evaluate import Bools, Floats
    from spectradb.evaluation.window_search import CandidatePairs

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Data file, checkpoints, and options; None: those of the process.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        _run(options)
    except SpectraDBError as error:
        sys.exit(f"Error: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spectradb.evaluation.run",
        description="Search the spectra of some contributors in those of all others, by the vectors of encoders and of binned.",
    )
    parser.add_argument("data", type=Path, help="Arrow file that was exported from a lab")
    parser.add_argument("checkpoints", type=Path, nargs="*", help="<name>.safetensors, with its card beside it")
    parser.add_argument(
        "--queries", action="append", metavar="NAME", help="contributor whose spectra are queries; default: all but --without"
    )
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="contributor whose spectra take no part")
    parser.add_argument("--leave-one-out", action="store_true", help="leave only the query's contributor out of the library")
    parser.add_argument("--high-resolution", action="store_true", help="use spectra of time-of-flight and FT instruments only")
    parser.add_argument(
        "--peak-score", action="append", default=[], metavar="NAME", help="also by peaks, such as cosine_greedy; needs numba"
    )
    parser.add_argument(
        "--refined", action="store_true", help="also by refined library vectors, alone and an analyte's best merged"
    )
    parser.add_argument("--baseline", help="method to compare with; default: binned")
    parser.add_argument("--trained-on", type=Path, help="file that the checkpoints were trained on; default: the data file")
    parser.add_argument("--ppm", type=float, default=10.0, help="half width of the precursor window; default: 10")
    parser.add_argument("--members", action="store_true", help="also print each member of each group of isomers")
    parser.add_argument("--json", type=Path, help="file to write rows and members to")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:<number>")
    parser.add_argument("--threads", type=int, help="threads on the CPU; default: all cores")
    return parser


def _run(options: argparse.Namespace) -> None:
    data = load_training_data(options.data)
    present = ~data.from_contributors(options.without)
    if options.high_resolution:
        present &= data.high_resolution()
    contributors = options.queries or [name for name in data.contributors if name not in options.without]
    if not options.queries and not options.leave_one_out:
        raise BadParameter(
            "without --queries every contributor asks, and no library is left. Add --queries or --leave-one-out."
        )
    pairs = search_pairs(
        data, contributors, queries=present, library=present, one_by_one=options.leave_one_out, ppm=options.ppm
    )
    methods = method_scores(data, pairs, BinnedEmbedder())
    methods |= {name: _by_peaks(data, pairs, name) for name in options.peak_score}
    embedders = [TransformerEmbedder.from_file(file) for file in options.checkpoints]
    for embedder in embedders:
        found = method_scores(data, pairs, embedder, device=options.device)
        if not found.keys().isdisjoint(methods):
            raise BadParameter(f"two encoders are named {embedder.name}. Evaluate them one at a time.")
        methods |= found
    if options.refined:
        left_out = [[name] for name in contributors] if options.leave_one_out else [contributors]
        everyone: list[Embedder] = [BinnedEmbedder(), *embedders]
        for each in everyone:
            methods |= refined_scores(
                data, pairs, each, library=present, left_out=left_out, ppm=options.ppm, device=options.device
            )
    split, seen, spectra = _seen(data, options, embedders)
    trained = np.any(list(spectra.values()), axis=0) if spectra else None
    subsets = query_subsets(data, pairs, seen=seen, unseen_share=split.unseen_share if split else 0.0, trained=trained)
    result = evaluate(data, pairs, methods, subsets=subsets, baseline=options.baseline, ppm=options.ppm)
    lines = report_lines(result) + (member_lines(result) if options.members else []) + _notes(pairs, spectra)
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json is not None:
        protocol = {name: str(value) if isinstance(value, Path) else value for name, value in vars(options).items()}
        protocol["trained_on_queries"] = {name: int(chosen[pairs.queries].sum()) for name, chosen in spectra.items()}
        protocol["checkpoints"] = {embedder.name: embedder.fingerprint for embedder in embedders}
        content = {"protocol": protocol, "rows": as_values(result.rows), "members": as_values(result.members)}
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _by_peaks(data: TrainingData, pairs: CandidatePairs, name: str) -> Floats:
    # Late: encoders are evaluated where the kernels' compiler is not installed, too.
    from spectradb.similarity.methods import peak_score  # noqa: PLC0415

    return peak_score(name).scores(data.peaks, data.peaks, pairs.query, pairs.reference).score


def _seen(
    data: TrainingData, options: argparse.Namespace, embedders: list[TransformerEmbedder]
) -> tuple[SplitConfig | None, set[str] | None, dict[str, Bools]]:
    """Find what all the encoders left out, which analytes any of them saw, and which spectra each saw, as far as cards tell."""
    # The file that encoders were trained on tells more than a card of an earlier version, which has no marks of analytes.
    if not embedders:
        return None, None, {}
    splits = {each.name: section_from_dict(SplitConfig, each.card["training"]["split"], place="the card") for each in embedders}
    smallest = min(splits.values(), key=lambda split: split.unseen_share)
    trained_on = data if options.trained_on is None else load_training_data(options.trained_on)
    analytes: dict[str, set[str] | None] = {}
    for each in embedders:
        marks = marks_on_card(each.card)
        if each.card.get("data", {}).get("sha256") == trained_on.digest:
            analytes[each.name] = trained_analytes(trained_on, splits[each.name])
        else:
            analytes[each.name] = None if marks is None else {name for name in data.analytes if analyte_mark(name) in marks}
    spectra = {each.name: _seen_spectra(data, each, splits[each.name], analytes[each.name]) for each in embedders}
    known = [names for names in analytes.values() if names is not None]
    if len(known) < len(analytes):
        untold = ", ".join(name for name, names in analytes.items() if names is None)
        log.info(
            "which molecules %s saw is known of neither card nor data, so seen and unseen are not apart: --trained-on", untold
        )
        return smallest, None, spectra
    return smallest, set().union(*known), spectra


def _seen_spectra(data: TrainingData, embedder: TransformerEmbedder, split: SplitConfig, analytes: set[str] | None) -> Bools:
    seen: Bools = ~np.any(list(data.left_out(split).values()), axis=0)
    seen &= data.from_contributors(sorted(contributors_on_card(embedder.card) or ()))
    if analytes is not None:
        seen &= np.array([name in analytes for name in data.analytes], dtype=np.bool_)[data.analyte]
    return seen


def _notes(pairs: CandidatePairs, spectra: dict[str, Bools]) -> list[str]:
    told = []
    for name, seen in spectra.items():
        n = int(seen[pairs.queries].sum())
        if n:
            told.append(f"note: {name} was trained on {n:,} of {len(pairs.queries):,} queries: its figures over all flatter it")
    return told


if __name__ == "__main__":
    main()
