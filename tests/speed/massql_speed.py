"""Time queries in MassQL on a lab beside the package massql, which has the same peaks in memory already.

    python tests/speed/massql_speed.py LAB --massql-python /path/to/venv/bin/python [--record]

The package needs an environment of its own (``pip install massql==2026.3.14``). A query with a variable takes it hours: there
its time is estimated, as the number of values that it would try times the time of a few of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import figures

from spectradb.facade.lab import connect

QUERIES = {
    "a fragment, 10 ppm": "MS2PROD=184.0733:TOLERANCEPPM=10",
    "a fragment of 10 percent": "MS2PROD=184.0733:TOLERANCEMZ=0.01:INTENSITYPERCENT=10",
    "a loss": "MS2NL=18.0106:TOLERANCEMZ=0.005",
    "two fragments and a loss": (
        "MS2PROD=85.0284:TOLERANCEMZ=0.01 AND MS2PROD=97.0284:TOLERANCEMZ=0.01 AND MS2NL=18.0106:TOLERANCEMZ=0.01"
    ),
    "two of three fragments": "MS2PROD=(85.0284 OR 97.0284 OR 127.039):TOLERANCEMZ=0.01:CARDINALITY=range(min=2, max=3)",
    "a precursor and no fragment": "MS2PREC=180.1:TOLERANCEMZ=0.5 AND MS2PROD=77.0386:TOLERANCEMZ=0.01:EXCLUDED",
    "X and X + CH2": "MS2PROD=X:TOLERANCEMZ=0.01 AND MS2PROD=X+14.01565:TOLERANCEMZ=0.01",
    "X and X + CH2, of 10 percent": (
        "MS2PROD=X:TOLERANCEMZ=0.01:INTENSITYPERCENT=10 AND MS2PROD=X+14.01565:TOLERANCEMZ=0.01:INTENSITYPERCENT=10"
    ),
}
REPEATS, FEW_REPEATS, SOME_VALUES = 10, 2, 4

#: Run by the package's own interpreter. It tries each m/z that is at least half a tolerance above the last.
THEIRS = """
import contextlib, io, json, re, sys, time
import pandas as pd
from massql import msql_engine
ms2 = pd.read_parquet(sys.argv[1])
ms1 = ms2.head(1).copy()
def ask(query):
    begin, cpu = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        rows = msql_engine.process_query(query, "memory", ms1_df=ms1, ms2_df=ms2)
    return time.perf_counter() - begin, time.process_time() - cpu, len(rows)
told = []
for query in json.loads(sys.argv[2]):
    if not re.search(r"\\bX\\b", query):
        runs = [ask(query) for _ in range(int(sys.argv[3]))]
        told.append({"s": min(r[0] for r in runs), "cpu": min(r[1] for r in runs), "n": runs[0][2], "values": 1})
        continue
    values, last = [], 0.0
    for mz in sorted(ms2["mz"]):
        if mz >= last:
            values.append(mz)
            last = mz + 0.01 / 2
    tried = values[:: len(values) // int(sys.argv[4])]
    runs = [ask(re.sub(r"\\bX\\b", repr(value), query)) for value in tried]
    each, cpu = (sum(r[i] for r in runs) / len(runs) for i in (0, 1))
    told.append({"s": each * len(values), "cpu": cpu * len(values), "n": None, "values": len(values)})
json.dump(told, sys.stdout)
"""


def write_peaks(lab, file):
    """Write the peaks as the package has them in memory."""
    lab.sql(f"""
        COPY (
            SELECT
                intensity::DOUBLE AS i, relative_intensity AS i_norm, tic_share AS i_tic_norm, p.mz, number AS scan,
                coalesce(retention_time_s / 60, 0) AS rt, precursor_mz AS precmz, 0 AS ms1scan,
                coalesce(abs(charge), 1)::INTEGER AS charge, if(ion_mode = 'positive', 1, 2) AS polarity
            FROM peaks_by_spectrum AS p
            JOIN (
                SELECT row_number() OVER () AS number, spectrum_id, retention_time_s, charge, ion_mode
                FROM spectra WHERE ms_level = 2
            ) USING (spectrum_id)
        ) TO '{file}' (FORMAT parquet)
    """)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--massql-python", type=Path, required=True)
    parser.add_argument("--record", action="store_true", help="keep the table for the pages")
    arguments = parser.parse_args()
    queries = [f"QUERY scaninfo(MS2DATA) WHERE {query}" for query in QUERIES.values()]
    with connect(arguments.lab) as lab, tempfile.TemporaryDirectory() as folder:
        ((n_spectra, n_peaks),) = lab.sql("SELECT count(*), sum(n_peaks) FROM spectra WHERE ms_level = 2").fetchall()
        ours = [_ours(lab, query) for query in queries]
        write_peaks(lab, file := Path(folder) / "peaks.parquet")
        command = [arguments.massql_python, "-c", THEIRS, file, json.dumps(queries), str(REPEATS), str(SOME_VALUES)]
        told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    rows = []
    for name, mine, theirs in zip(QUERIES, ours, told, strict=True):
        if theirs["n"] not in (None, mine[2]):
            print(f"{name}: {mine[2]} spectra, of the package {theirs['n']}")
        rows.append((name, mine[2], mine[0], mine[1], theirs["s"], theirs["cpu"], round(theirs["cpu"] / mine[1], 1)))
        print(*rows[-1], theirs["values"], sep=" | ")
    if arguments.record:
        note = (
            f"Best of {REPEATS} runs ({FEW_REPEATS} with X). The lab's file "
            "is open, as a shell has it. With X the package's time is an estimate: "
            "as many m/z as it would try, times the mean time of a few of them. "
            "What else runs on the machine changes the seconds of the clock, and those of the cores less."
        )
        figures.record(
            "massql-speed",
            topic="massql",
            title=f"Queries on {n_spectra:,} spectra with {n_peaks:,} peaks, the package massql with them in memory",
            columns=(
                "query",
                "spectra found",
                "lab, s",
                "of all cores, s",
                "package, s",
                "of its core, s",
                "times less of cores",
            ),
            rows=rows,
            notes=(note,),
            command="python tests/speed/massql_speed.py LAB --massql-python PYTHON --record",
        )


def _ours(lab, query):
    runs, con = [], lab.connection()
    for _ in range(FEW_REPEATS if "=X" in query else REPEATS):
        begin, cpu = time.perf_counter(), time.process_time()
        n = len(con.execute(lab.massql_sql(query)).to_arrow_table())
        runs.append((time.perf_counter() - begin, time.process_time() - cpu, n))
    return min(run[0] for run in runs), min(run[1] for run in runs), runs[0][2]


if __name__ == "__main__":
    main()
