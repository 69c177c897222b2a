"""What one search of a spectrum at hand takes in a process that has searched before: ``lab.search``.

``python tests/speed/serving/one_query.py LAB --study cohort --library massbank`` searches spectra of the study one at a
time, beside a program with all vectors at hand in NumPy (embed the query, take the window of the precursor, multiply, keep each
analyte's best, name the answers), and then from several threads at once. Each one's answers are compared.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

import spectradb
from spectradb.arrays.half_precision import widened
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.models.registry import embedder
from spectradb.udfs.embedding import half_precision_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUERIES = """
SELECT mz, intensity, coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz, ion_mode
FROM spectra
WHERE collection = $study AND n_peaks > 0 AND ion_mode IS NOT NULL AND precursor_mz > 0
ORDER BY spectrum_id
"""
LIBRARY = """
SELECT spectrum_id, analyte_id, name, precursor_mz, ion_mode, embedding_{model} AS embedding
FROM spectra
WHERE collection = $library AND analyte_id IS NOT NULL AND embedding_{model} IS NOT NULL AND precursor_mz > 0
ORDER BY precursor_mz, spectrum_id
"""
PPM, K = 10.0, 10
COLUMNS = ("search of one spectrum", "median, ms", "p95, ms", "CPU, ms", "beside NumPy")


class Query(NamedTuple):
    """A spectrum at hand."""

    mz: list[float]
    intensity: list[float]
    precursor_mz: float
    ion_mode: str


class NumpyLibrary:
    """All vectors of a library in memory, by precursor: the yardstick."""

    def __init__(self, lab: spectradb.Lab, library: str, model: str) -> None:
        table = lab.sql(LIBRARY.format(model=model), {"library": library}).to_arrow_table()
        self.model = embedder(model)
        self.modes = {}
        mode = np.array(table["ion_mode"].to_pylist())
        vectors = table["embedding"].combine_chunks().flatten().to_numpy().reshape(table.num_rows, -1)
        analytes, names = np.array(table["analyte_id"].to_pylist()), table["name"].to_pylist()
        mz, ids = table["precursor_mz"].to_numpy(), table["spectrum_id"].to_numpy()
        for ion_mode in ("positive", "negative"):
            rows = np.flatnonzero(mode == ion_mode)
            self.modes[ion_mode] = (mz[rows], vectors[rows], analytes[rows], ids[rows], [names[row] for row in rows])

    def search(self, query: Query) -> list[dict[str, Any]]:
        """Answer one query."""
        batch = PeakBatch(
            offsets=np.array([0, len(query.mz)]),
            mz=np.array(query.mz),
            intensity=np.array(query.intensity, dtype=np.float32),
            precursor_mz=np.array([query.precursor_mz]),
            ion_mode=np.array([0], dtype=np.int8),
        )
        (vector,) = widened(half_precision_vectors(self.model, batch))
        mz, vectors, analytes, ids, names = self.modes[query.ion_mode]
        width = query.precursor_mz * PPM * 1e-6
        begin, end = np.searchsorted(mz, [query.precursor_mz - width, query.precursor_mz + width])
        scores = vectors[begin:end] @ vector
        best: dict[str, int] = {}
        for row in np.lexsort((ids[begin:end], analytes[begin:end], -scores)):
            best.setdefault(analytes[begin + row], int(row))
        return [
            {
                "rank": rank,
                "analyte_id": analyte,
                "name": names[begin + row],
                "score": float(scores[row]),
                "ppm_error": (mz[begin + row] - query.precursor_mz) / query.precursor_mz * 1e6,
                "library_spectrum_id": int(ids[begin + row]),
            }
            for rank, (analyte, row) in enumerate(list(best.items())[:K], 1)
        ]


def timed(search: Callable[[Query], object], queries: Sequence[Query]) -> tuple[list[float], float]:
    """Search one query after the other; milliseconds of each, and of CPU on average."""
    took, begin = [], time.process_time()
    for query in queries:
        start = time.perf_counter()
        search(query)
        took.append((time.perf_counter() - start) * 1e3)
    return took, (time.process_time() - begin) * 1e3 / len(queries)


def from_threads(search: Callable[[Query], object], queries: Sequence[Query], n_threads: int) -> tuple[list[float], float]:
    """Search all queries by threads that each do a share of them."""
    took: list[float] = []
    begin = time.process_time()
    threads = [
        threading.Thread(target=lambda i=i: took.extend(timed(search, queries[i::n_threads])[0])) for i in range(n_threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, (time.process_time() - begin) * 1e3 / len(queries)


def differing(lab: spectradb.Lab, peer: NumpyLibrary, library: str, queries: Sequence[Query]) -> int:
    """Count the queries whose answers differ from the yardstick's, but for scores as near as single precision tells."""
    count = 0
    for query in queries:
        ours = lab.search(*query[:3], library=library, ion_mode=query.ion_mode).to_pylist()
        theirs = peer.search(query)
        same = len(ours) == len(theirs) and np.allclose(
            [row["score"] for row in ours], [row["score"] for row in theirs], atol=1e-5
        )
        count += not same
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--study", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--model", default="binned", help="the lab's default model")
    parser.add_argument("--n", type=int, default=1000, help="queries")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    lab = spectradb.connect(arguments.lab)
    known = [Query(*row) for row in lab.sql(QUERIES, {"study": arguments.study}).fetchall()]
    queries = (known * (arguments.n // len(known) + 1))[: arguments.n]

    def search(query: Query) -> object:
        return lab.search(*query[:3], library=arguments.library, ion_mode=query.ion_mode)

    first = timed(search, queries[:1])[0][0]
    ready = max(timed(search, queries[:6])[0])
    peer = NumpyLibrary(lab, arguments.library, arguments.model)
    timed(peer.search, queries[:4])
    print(f"{differing(lab, peer, arguments.library, known)} of {len(known)} queries are answered otherwise than by NumPy")
    runs = [(*timed(search, queries), *timed(peer.search, queries)) for _ in range(3)]
    ours = min(runs, key=lambda run: statistics.median(run[0]))
    theirs = min(runs, key=lambda run: statistics.median(run[2]))[2:]
    threaded = from_threads(search, queries, arguments.threads)
    yardstick = statistics.median(theirs[0])
    rows = [
        (name, statistics.median(took), float(np.percentile(took, 95)), cpu, ratio)
        for name, (took, cpu), ratio in (
            ("`lab.search`", ours[:2], statistics.median(ours[0]) / yardstick),
            ("NumPy, all vectors at hand", theirs, 1.0),
            (f"`lab.search` from {arguments.threads} threads at once", threaded, None),
        )
    ]
    for row in rows:
        print(*row, sep=" | ")
    n = lab.sql("SELECT n_spectra FROM libraries WHERE name = $name", {"name": arguments.library}).fetchall()[0][0]
    note = (
        f"The first search of the process took {first:.0f} ms, the one that read the library into memory {ready:,.0f} ms. "
        "Best of 3 runs in turn, by the median. The yardstick embeds the query, takes the window from arrays sorted by "
        "precursor, multiplies, keeps each analyte's best spectrum and names it; `lab.search` cleans the peaks before, and "
        "returns sixteen columns as an Arrow table."
    )
    print(note)
    if arguments.record:
        record(
            "one_query",
            topic="speed",
            title=f"One spectrum at hand against {n:,} real spectra, in a process that has searched before",
            columns=COLUMNS,
            rows=rows,
            notes=[note],
            command="python tests/speed/serving/one_query.py LAB "
            f"--study {arguments.study} --library {arguments.library} --record",
        )


if __name__ == "__main__":
    main()
