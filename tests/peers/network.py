"""Make a molecular network of the same spectra with a lab and with matchms, and compare edges and time.

    python tests/peers/network.py LAB --library LIBRARY --spectra 2000 [--record]

Takes a copy of the lab and leaves so many spectra of one ion mode and of eight peaks or more, drawn at random. (Of fewer peaks
many are equal, and which of equal neighbours are the first ten is nobody's to say.) Both link them by the modified cosine, any
number of shared peaks. matchms scores all pairs and makes its ``SimilarityNetwork`` of them. Its time is that for spectra in
memory, the lab's that of the verb, from its file. Exit status 1: the edges differ.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from matchms import calculate_scores
from matchms.networking import SimilarityNetwork
from matchms.similarity import ModifiedCosineGreedy

from spectradb.facade.lab import connect

MIN_SCORE, TOP_K, TOLERANCE, POWER = 0.7, 10, 0.01, 0.5
#: A score this near to the least, or to that of the last neighbour kept, may fall on either side of it.
_ROUNDING = 1e-5
_METHOD = "modified_cosine"
_SCORE = "ModifiedCosineGreedy_score"


def timed(work):
    """Return what work gives, and its seconds by the clock and of all cores."""
    begin, cpu = time.perf_counter(), time.process_time()
    given = work()
    return given, time.perf_counter() - begin, time.process_time() - cpu


def theirs(spectra):
    """Make matchms's network."""
    scores = calculate_scores(
        spectra, spectra, ModifiedCosineGreedy(tolerance=TOLERANCE, intensity_power=POWER), is_symmetric=True
    )
    network = SimilarityNetwork(
        "spectrum_id", top_n=TOP_K, max_links=TOP_K, score_cutoff=MIN_SCORE, link_method="mutual", keep_unconnected_nodes=False
    )
    network.create_network(scores, score_name=_SCORE)
    return network.graph


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--library", required=True)
    parser.add_argument("--spectra", type=int, default=2000)
    parser.add_argument("--record", action="store_true", help="keep the table for the pages")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(arguments.lab, Path(name) / "lab")
        with connect(Path(name) / "lab") as lab:
            drawn = lab.sql(
                "SELECT spectrum_id FROM spectra WHERE collection = $library AND ion_mode = 'positive' AND n_peaks >= 8 "
                "ORDER BY hash(spectrum_id) LIMIT $n",
                {"library": arguments.library, "n": arguments.spectra},
            ).fetchall()
            kept = ", ".join(str(number) for (number,) in drawn)
            lab.record.delete("spectra", f"spectrum_id NOT IN ({kept})")
            lab.publish()
            spectra = lab.matchms_spectra("SELECT spectrum_id, precursor_mz, mz, intensity FROM spectra")
            settings = {"min_score": MIN_SCORE, "top_k": TOP_K, "min_matched_peaks": 0, "max_mz_difference": 1e9}
            settings |= {"fragment_tolerance_da": TOLERANCE, "max_family_size": len(spectra), "method": _METHOD}
            lab.network(arguments.library, **settings)  # kernels compiled
            theirs(spectra[:20])
            mine, wall, cpu = timed(lambda: lab.network(arguments.library, **settings))
            graph, their_wall, their_cpu = timed(lambda: theirs(spectra))
    edges = {tuple(sorted(pair)): score for *pair, score in mine_edges(mine)}
    peer = {tuple(sorted(map(int, pair))): score for *pair, score in graph.edges(data="weight")}
    different = list(edges.keys() ^ peer.keys()) + [
        pair for pair in edges.keys() & peer.keys() if abs(edges[pair] - peer[pair]) > _ROUNDING
    ]
    rows = [
        ("a lab", len(edges), round(wall, 2), round(cpu, 2)),
        ("matchms", len(peer), round(their_wall, 2), round(their_cpu, 2)),
    ]
    for row in rows:
        print(*row, sep=" | ")
    print(f"{len(different)} edges differ", *[(p, edges.get(p), peer.get(p)) for p in different[:10]])
    if arguments.record:
        keep(rows, len(spectra), len(different), their_wall / wall, arguments)
    sys.exit(bool(different))


def mine_edges(network):
    """List the edges of a lab's network: two spectra and the score."""
    edges = network.edges
    return zip(edges["spectrum_id_a"].to_pylist(), edges["spectrum_id_b"].to_pylist(), edges["score"].to_pylist(), strict=True)


def keep(rows, n, n_different, ratio, arguments):
    """Keep the table for the page of networks."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "speed"))
    import figures  # noqa: PLC0415 - of a folder that is no part of the suite

    figures.record(
        "network-peer",
        topic="networks",
        title=f"A network of {n:,} spectra by modified cosine, beside matchms ({n_different} edges differ)",
        columns=("by", "edges", "wall, s", "CPU, s"),
        rows=rows,
        notes=[f"The lab's, from its file, in 1/{ratio:.0f} of the time."],
        command=f"python tests/peers/network.py LAB --library {arguments.library} --spectra {arguments.spectra} --record",
    )


if __name__ == "__main__":
    main()
