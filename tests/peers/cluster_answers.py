"""Search the spectra of each laboratory against those of the others: each by itself, and one for each cluster.

    python tests/peers/cluster_answers.py LAB [--record]

LAB has MassBank as the library ``massbank``. Counted are spectra that are with others in a cluster and whose analyte another
laboratory has. Settings are chosen by one half of the laboratories; both halves are told.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.clusters.alike import Neighbourhood, alike
from spectradb.clusters.cluster import with_best
from spectradb.clusters.consensus import merged_peaks
from spectradb.clusters.linkage import complete_groups
from spectradb.clusters.settings import ClusterSettings
from spectradb.facade.lab import connect
from spectradb.ingest.spectra.peaks import PeakRecipe, clean_peaks
from spectradb.models.registry import Embedders
from spectradb.search.methods.spectrum_peaks import as_batch

HERE = Path(__file__).parent
FEWEST, SHARES = 300, (0.0, 0.25, 0.34, 0.5)
SPECTRA = """
SELECT
    spectrum_id, mz, intensity, coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz, precursor_mz AS library_mz,
    ion_mode, retention_time_s, tic, analyte_id, contributor
FROM spectra
WHERE collection = 'massbank'
ORDER BY ion_mode, 4, spectrum_id
"""


class Library:
    """All spectra, to be searched for the analyte that is most alike."""

    def __init__(self, table, batch):
        self.binned = Embedders().embedder("binned")
        self.vectors = self.embed(batch)
        _, self.analyte = np.unique(np.array(table["analyte_id"].to_pylist()), return_inverse=True)
        mz = table["library_mz"].to_numpy()
        order = np.lexsort((mz, batch.ion_mode))
        self.by_mode = {m: order[batch.ion_mode[order] == m] for m in (-1, 1)}
        self.mz = {m: mz[rows] for m, rows in self.by_mode.items()}

    def embed(self, batch):
        parts = [self.binned.embed(chunk) for _, chunk in batch.chunks(max_spectra=4096, max_peaks=2_000_000)]
        return np.concatenate(parts)

    def best(self, mode, precursor, vectors, own, ppm):
        """The best analyte of each query, -1 for none; those of ``own`` are left out."""
        found = np.full(len(precursor), -1)
        for i, (m, mz) in enumerate(zip(mode, precursor, strict=True)):
            low, high = np.searchsorted(self.mz[m], [mz * (1 - ppm * 1e-6), mz * (1 + ppm * 1e-6)])
            rows = self.by_mode[m][low:high]
            rows = rows[~own[rows]]
            if len(rows):
                found[i] = self.analyte[rows[np.argmax(self.vectors[rows] @ vectors[i])]]
        return found


def taken(table, places):
    names = ("mz", "intensity", "precursor_mz", "ion_mode")
    return PeakBatch.from_arrow(**{name: table[name].take(places) for name in names})


def of_laboratory(library, table, own, settings):
    """Right answers by way of asking, and how many were counted."""
    places = np.flatnonzero(own)
    spectra, vectors = taken(table, places), library.vectors[places]
    tic, seconds, ids = (table[name].to_numpy()[places] for name in ("tic", "retention_time_s", "spectrum_id"))
    near = Neighbourhood(settings.ppm, settings.rt_window_s)
    score = lambda first, second: np.einsum("ij,ij->i", vectors[first], vectors[second])  # noqa: E731
    pairs = alike(near, score, spectra, seconds.astype(float), min_score=settings.min_score)
    group = complete_groups(pairs, len(spectra), min_score=settings.min_score, places=spectra.precursor_mz)
    clusters = with_best(pairs, group, tic, ids)
    sizes = np.diff(clusters.bounds)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    truth = library.analyte[places][clusters.members]
    counted = (sizes[cluster] > 1) & np.isin(truth, library.analyte[~own])
    best = clusters.members[clusters.bounds[:-1]]
    mode = spectra.ion_mode[best]
    precursor = np.array([np.median(spectra.precursor_mz[part]) for part in np.split(clusters.members, clusters.bounds[1:-1])])

    def right(answers):
        return int((answers == truth)[counted].sum())

    each = library.best(spectra.ion_mode, spectra.precursor_mz, vectors, own, settings.ppm)
    found = {"each spectrum by itself": right(each[clusters.members])}
    found["the best member"] = right(library.best(mode, precursor, vectors[best], own, settings.ppm)[cluster])
    for share in SHARES:
        merging = {"tolerance_da": settings.fragment_tolerance_da, "min_share": share}
        offsets, mz, height = clean_peaks(*merged_peaks(spectra, clusters.members, clusters.bounds, **merging), PeakRecipe())
        one = PeakBatch(offsets=offsets, mz=mz, intensity=height.astype(np.float32), precursor_mz=precursor, ion_mode=mode)
        answers = library.best(mode, precursor, library.embed(one), own, settings.ppm)[cluster]
        found[f"the consensus of peaks that a share of {share:g} has"] = right(answers)
    return found, int(counted.sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--record", action="store_true", help="keep the table for the pages")
    arguments = parser.parse_args()
    with connect(arguments.lab) as lab:
        table = lab.sql(SPECTRA).to_arrow_table()
    library = Library(table, as_batch(table))
    laboratory = np.array([name or "" for name in table["contributor"].to_pylist()])
    names, counts = np.unique(laboratory, return_counts=True)
    right, n = ({}, {}), [0, 0]
    for place, name in enumerate(names[counts >= FEWEST]):
        found, n_counted = of_laboratory(library, table, laboratory == name, ClusterSettings())
        n[place % 2] += n_counted
        for way, count in found.items():
            right[place % 2][way] = right[place % 2].get(way, 0) + count
    rows = [(way, round(right[0][way] / n[0], 4), round(right[1][way] / n[1], 4)) for way in right[0]]
    for row in rows:
        print(*row, sep=" | ")
    if arguments.record:
        sys.path.insert(0, str(HERE.parent / "speed"))
        import figures  # noqa: PLC0415 - of a folder that is no part of the suite

        figures.record(
            "cluster-answers",
            topic="clusters",
            title=f"Right answers to {n[0] + n[1]:,} repeated spectra of MassBank, each laboratory against the others",
            columns=("what is searched", f"share right, of {n[0]:,} that settings were chosen by", f"of {n[1]:,} others"),
            rows=rows,
            command="python tests/peers/cluster_answers.py LAB --record",
        )


if __name__ == "__main__":
    main()
