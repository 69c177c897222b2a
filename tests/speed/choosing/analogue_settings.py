"""Choose the settings of the method ``analogue`` on molecules that its model was not trained on; keep the table for the page.

``python tests/speed/choosing/analogue_settings.py LAB massbank --without LCSB --figure analogue-settings``

Asked for are molecules of the half for choosing settings, by no laboratory that is left out: so that figures of the other half,
and of these laboratories, are of molecules that nothing was chosen on. The settings of the highest mean over both ion modes and
both fingerprints are chosen; they are written into ``spectradb/search/methods/analogue.py`` by hand.
"""

from __future__ import annotations

import argparse
import itertools
import shlex
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb.arrays.annotated_spectra import is_for_choosing, training_data
from spectradb.evaluation.analogue_shortlist import Mixture, shortlists
from spectradb.evaluation.analogues import K, analogue_task, by_vectors
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.models.seen_in_training import analyte_mark, marks_on_card
from spectradb.search.methods.analogue import CONSENSUS, SPREAD, VOTERS, WEIGHT, analogue_method
from spectradb.search.open_search import SHORTLIST
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA
from spectradb.similarity.structures import MORGAN, PATHS
from spectradb.training.export import training_table
from spectradb.workspace.lab_files import LabFiles

WEIGHTS, CONSENSUSES, SPREADS = (0.1, 0.2, 0.3, 0.4, 0.5), (0.1, 0.2, 0.3, 0.5, 0.8), (0.05, 0.07, 0.1, 0.15)
VOTING = (10, 30)  # more cost more
SHOWN = 4  # of the best, beside those without a consensus
COLUMNS = ["weight of peaks", "consensus", "spread", "voters"]
MEANS = ["positive, Morgan", "positive, paths", "negative, Morgan", "negative, paths", "mean"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="ask for no molecule of this laboratory")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", help="name of the entry; kept only where given")
    options = parser.parse_args()
    files = LabFiles(options.lab)
    model = files.embedders.embedder(OPEN_EMBEDDER)
    data = training_data(training_table(files.published, libraries=[options.library]))
    seen, theirs = marks_on_card(model.card), data.from_contributors(options.without)
    of_others = set(np.unique(data.analyte[theirs]).tolist())
    free = [
        analyte_mark(name) not in seen and is_for_choosing(name) and number not in of_others
        for number, name in enumerate(data.analytes)
    ]
    task = analogue_task(data, np.array(free)[data.analyte], spectra_per_molecule=2, seed=0)
    parts = [*listed(task, model)]
    tried = [
        Mixture(weight=0.0, consensus=0.0, voters=VOTERS, spread=SPREAD),
        *(Mixture(weight=w, consensus=0.0, voters=VOTERS, spread=SPREAD) for w in WEIGHTS),
        *(
            Mixture(weight=w, consensus=c, spread=s, voters=v)
            for w, c, s, v in itertools.product(WEIGHTS, CONSENSUSES, SPREADS, VOTING)
        ),
    ]
    found = [(mixture, judged(mixture, parts)) for mixture in tried]
    best = sorted(found[1 + len(WEIGHTS) :], key=lambda row: -np.mean(row[1]))
    used = Mixture(weight=WEIGHT, consensus=CONSENSUS, voters=VOTERS, spread=SPREAD)
    shown = [*found[: 1 + len(WEIGHTS)], *best[:SHOWN], *(row for row in best[SHOWN:] if row[0] == used)]
    rows = [
        [m.weight, m.consensus or None, m.spread if m.consensus else None, m.voters if m.consensus else None]
        + [round(float(value), 4) for value in (*means, np.mean(means))]
        for m, means in shown
    ]
    for row in rows:
        print(*(f"{'' if cell is None else cell:>8}" for cell in row))
    if options.figure:
        counts = " and ".join(f"{len(set(part['own'].tolist())):,} in {part['mode']} mode" for part in parts)
        record(
            options.figure,
            topic="choosing",
            title=f"{options.about or options.library}: settings of the method analogue, Tanimoto similarity of first answers",
            columns=[*COLUMNS, *MEANS],
            rows=rows,
            notes=[
                (
                    f"Means over molecules that the model was not trained on, of the half for choosing, none by "
                    f"{', '.join(options.without) or 'a laboratory left out'}: {counts}. Vectors alone, with peaks, and the "
                    f"best of {len(tried) - 1 - len(WEIGHTS)} settings with a consensus."
                )
            ],
            command=shlex.join(["python", "tests/speed/choosing/analogue_settings.py", "LAB", *sys.argv[2:]]),
        )


def listed(task, model):
    """Give the shortlists of both ion modes, with places and similarities of what is on them."""
    of_peaks = analogue_method({}, fragment_tolerance_da=DEFAULT_FRAGMENT_TOLERANCE_DA).of_peaks
    bits = task.molecules.bits
    places, vectors = model.embed_structures(bits), by_vectors(task, model)
    modes = task.data.peaks.ion_mode
    for sign, mode in ((1, "positive"), (-1, "negative")):
        queries, library = task.queries[modes[task.queries] == sign], task.library[modes[task.library] == sign]
        library = library[np.argsort(task.molecule[library], kind="stable")]
        blocks = [
            shortlists(task, vectors, of_peaks, queries[start : start + 64], library, n_listed=K * SHORTLIST)[0]
            for start in range(0, len(queries), 64)
        ]
        molecule = task.molecule[library[np.concatenate([block.column for block in blocks])]]
        own = task.molecule[queries]
        alike = []
        for part in (MORGAN, PATHS):
            pairs = [
                (bits[mine][part].astype(bool), bits[row][:, part].astype(bool))
                for mine, row in zip(own, molecule, strict=True)
            ]
            alike.append(np.array([(a & b).sum(axis=1) / np.maximum((a | b).sum(axis=1), 1) for a, b in pairs]))
        yield {
            "mode": mode,
            "own": own,
            "alike": np.concatenate([block.alike for block in blocks]),
            "of_peaks": np.concatenate([block.of_peaks for block in blocks]),
            "places": places[molecule],
            "similarity": alike,
        }


def judged(mixture, parts):
    """Average the similarity of first answers over molecules: by both fingerprints in each ion mode."""
    means = []
    for part in parts:
        first = mixture.scores(part["alike"], part["of_peaks"], part["places"]).argmax(axis=1)
        unit = np.unique(part["own"], return_inverse=True)[1]
        for similarity in part["similarity"]:
            values = similarity[np.arange(len(first)), first]
            means.append((np.bincount(unit, values) / np.bincount(unit)).mean())
    return means


if __name__ == "__main__":
    main()
