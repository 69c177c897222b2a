"""Cluster spectra of known analytes, and runs of a study, by a lab and by falcon, and say what came together.

    python tests/peers/clusters.py LAB --falcon /path/to/venv/bin/falcon [--record]

LAB has MassBank as the library ``massbank``, with vectors of ``binned``, and a study ``cohort`` that was searched in it. falcon
needs an environment of its own, of Python 3.11::

    pip install falcon-ms==0.1.3 spectrum-utils==0.3.5 'numpy<1.24' 'numba<0.58' 'scipy<1.11' 'pandas<2' 'scikit-learn<1.3' \\
        'faiss-cpu<1.8' 'pyteomics<4.7' 'pyarrow<15' 'setuptools<70'

Both get the peaks that LAB stores, as MGF, and the same precursor tolerance; falcon is not to drop spectra of few peaks. The
least score was chosen on one half of the analytes; what is told is of the other. Time is the processor's, of a process each:
the lab's has its vectors already and makes the consensus spectra, falcon reads the file. The purity of a study is that of
answers: how many spectra of clusters have the answer that most of their cluster have.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

from spectradb.facade.lab import connect

HERE = Path(__file__).parent
PPM = 10
N_SPECTRA = 20_000
SCORES, EPS = (0.7, 0.8, 0.9), (0.05, 0.1, 0.3)
KNOWN = """
SELECT spectrum_id, coalesce(precursor_mz_stated, precursor_mz) AS stated_mz, retention_time_s, mz, intensity, analyte_id
FROM spectra
WHERE collection = 'massbank' AND ion_mode = 'positive' AND n_peaks > 1
ORDER BY hash(stated_mz::INTEGER), spectrum_id
LIMIT $n
"""
STUDY = """
SELECT spectrum_id, coalesce(precursor_mz_stated, precursor_mz), retention_time_s, mz, intensity, hits.analyte_id
FROM spectra
LEFT JOIN hits ON hits.query_id = spectrum_id AND rank = 1
    AND search_id = (SELECT search_id FROM latest_searches WHERE study = 'cohort')
WHERE collection = 'cohort'
ORDER BY spectrum_id
"""

#: Runs a command and prints what it took: seconds of the processor, MB.
COST = """
import json, resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def write_mgf(file, rows):
    """Write spectra, called by their places; return what is known of each."""
    with file.open("w") as out:
        for place, (_, mz, seconds, peaks, heights, _) in enumerate(rows):
            time = f"RTINSECONDS={seconds!r}\n" if seconds is not None else ""
            lines = "\n".join(f"{x!r} {y!r}" for x, y in zip(peaks, heights, strict=True))
            out.write(f"BEGIN IONS\nTITLE={place}\nSCANS={place}\nPEPMASS={mz!r}\nCHARGE=1+\n{time}{lines}\nEND IONS\n\n")
    return [row[-1] for row in rows]


def measured(command):
    """Run a command in a process of its own; return the processor's seconds and the peak of its memory in MB."""
    # By way of a small process: what this one has in memory would count as the child's.
    done = subprocess.run([sys.executable, "-c", COST, *map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def by_lab(lab, study, options):
    """Cluster a study whose spectra are called by their places; return the clusters by place, and the cost."""
    program = Path(sys.executable).with_name("spectradb")
    cost = measured([program, "cluster", lab.path, study, "--into", "clustered", "--ppm", PPM, "--quiet", *options])
    rows = lab.sql(
        "SELECT native_id, cluster_id FROM cluster_members INNER JOIN spectra USING (spectrum_id) WHERE collection = $study",
        {"study": study},
    ).fetchall()
    lab.remove("study", "clustered")
    return {int(place): cluster for place, cluster in rows}, cost


def by_falcon(falcon, file, eps, rt_window):
    """Cluster a file; what falcon drops, or finds no other like, is a cluster alone."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--precursor_tol", PPM, "ppm", "--eps", eps, "--min_peaks", 1, "--min_mz_range", 0, "--min_mz", 0]
        options += ["--rt_tol", rt_window] if rt_window else []
        out = Path(folder) / "out"
        cost = measured([falcon, file, out, "--work_dir", Path(folder) / "work", "--overwrite", *options])
        lines = [line for line in out.with_suffix(".csv").read_text().splitlines() if not line.startswith("#")]
        rows = list(csv.DictReader(lines))
    found = {}
    for row in rows:
        place, cluster = int(row["identifier"].rpartition(":")[2]), int(row["cluster"])
        found[place] = f"alone {place}" if cluster < 0 else (row["precursor_charge"], cluster)
    return found, cost


def quality(clusters, known, counted):
    """Clusters of two and more, the share of spectra in them, purity, completeness and the adjusted Rand index."""
    places = [place for place, analyte in enumerate(known) if analyte is not None and counted(analyte)]
    names = [clusters.get(place, f"alone {place}") for place in places]
    of_cluster, of_analyte = defaultdict(Counter), defaultdict(Counter)
    for place, name in zip(places, names, strict=True):
        of_cluster[name][known[place]] += 1
        of_analyte[known[place]][name] += 1
    repeated = [c for c in of_cluster.values() if c.total() > 1]
    n = sum(c.total() for c in repeated)
    several = [c for c in of_analyte.values() if c.total() > 1]
    complete = sum(max(c.values()) for c in several) / max(sum(c.total() for c in several), 1)
    _, truth = np.unique([known[place] for place in places], return_inverse=True)
    _, found = np.unique([str(name) for name in names], return_inverse=True)
    purity = sum(max(c.values()) for c in repeated) / max(n, 1)
    return len(of_cluster), len(repeated), n / len(places), purity, complete, adjusted_rand_score(truth, found)


def told(numbers):
    """Round what is told."""
    return [n if isinstance(n, int) else round(float(n), 3) for n in numbers]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--falcon", type=Path, required=True)
    parser.add_argument(
        "--part", nargs="+", choices=("known", "cohort"), default=("known", "cohort"), help="spectra to cluster"
    )
    parser.add_argument("--scores", nargs="+", type=float, default=SCORES, help="least scores of the lab's clusters")
    parser.add_argument("--eps", nargs="+", type=float, default=EPS, help="falcon's distances")
    parser.add_argument("--record", action="store_true", help="keep the tables for the pages")
    arguments = parser.parse_args()
    of_part = {"known": (KNOWN, {"n": N_SPECTRA}), "cohort": (STUDY, None)}
    with connect(arguments.lab) as source:
        parts = {name: source.sql(*of_part[name]).fetchall() for name in arguments.part}
    tables = {name: [] for name in arguments.part}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with connect(folder / "lab", create=True) as lab:
            truth = {}
            for name, rows in parts.items():
                truth[name] = write_mgf(folder / f"{name}.mgf", rows)
                lab.import_study(name, folder / f"{name}.mgf", ion_mode="positive")
            lab.embed("binned")
            second = {analyte for i, analyte in enumerate(sorted({a for a in truth.get("known", ()) if a})) if i % 2}
            counts = {"known": second.__contains__, "cohort": lambda _: True}
            for name in parts:
                window = {"known": None, "cohort": 30}[name]
                time = ["--rt-window", window] if window else ["--any-rt"]
                ways = [(f"spectradb, binned, {s}", ["--min-score", s, *time]) for s in arguments.scores]
                ways += [("spectradb, cosine_greedy, 0.8", ["--method", "cosine_greedy", "--min-score", 0.8, *time])]
                for way, options in ways:
                    clusters, cost = by_lab(lab, name, options)
                    row = [way, *told(quality(clusters, truth[name], counts[name])), round(cost[0], 1), round(cost[1])]
                    tables[name].append(row)
                    print(name, *row, sep=" | ", flush=True)
                for eps in arguments.eps:
                    clusters, cost = by_falcon(arguments.falcon, folder / f"{name}.mgf", eps, window)
                    numbers = told(quality(clusters, truth[name], counts[name]))
                    row = [f"falcon, eps {eps}", *numbers, round(cost[0], 1), round(cost[1])]
                    tables[name].append(row)
                    print(name, *row, sep=" | ", flush=True)
    if arguments.record:
        of = {"part": parts, "scores": arguments.scores, "eps": arguments.eps}
        options = "".join(f" --{name} {' '.join(map(str, values))}" for name, values in of.items())
        command = f"python tests/peers/clusters.py LAB --falcon FALCON{options} --record"
        record(tables, {name: len(rows) for name, rows in parts.items()}, command)


def record(tables, n, command):
    """Keep the tables for the page of clusters."""
    sys.path.insert(0, str(HERE.parent / "speed"))
    import figures  # noqa: PLC0415 - of a folder that is no part of the suite

    of = ("clusters", "of two and more", "spectra in these", "purity of these", "completeness", "ARI", "CPU s", "peak MB")
    titles = {
        "known": "spectra of MassBank, positive, whatever their retention times; told of half the analytes",
        "cohort": "spectra of a study, within 30 s; purity, completeness and ARI by the answers of a search",
    }
    for name, rows in tables.items():
        figures.record(
            f"clusters-{name}",
            topic="clusters",
            title=f"{n[name]:,} {titles[name]}",
            columns=("by, at", *of),
            rows=rows,
            command=command,
        )


if __name__ == "__main__":
    main()
