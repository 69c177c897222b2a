"""Show that the macro ``memo_words`` counts what memo-ms counts.

    python tests/peers/memo_counts.py --memo-python /path/to/venv/bin/python COHORT

COHORT is a folder with ``mgf/*.mgf``. memo-ms needs an environment of its own, of Python 3.11::

    pip install memo-ms==0.1.4 matchms==0.18.0 'numpy<1.26' scipy==1.9.3 'pandas<2' 'scikit-learn<1.3' \\
        'scikit-bio<0.6' 'bokeh<3'

memo-ms counts twice: the files as they are, and files with the peaks that the lab stored (an import merges peaks of equal m/z
and keeps the 256 most intense). Against the second, every count must be equal, else the exit status is 1; of the first, the
differences are what the import did to peaks.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spectradb.facade.lab import connect

HERE = Path(__file__).parent
STUDY = "cohort"


def write_stored_peaks(lab, folder):
    """Write the spectra of each run as the lab holds them, all digits of every number."""
    folder.mkdir()
    rows = lab.sql("SELECT run_id, precursor_mz, mz, intensity FROM spectra ORDER BY run_id, spectrum_id").fetchall()
    files = {}
    for run, precursor_mz, mz, intensity in rows:
        peaks = "\n".join(f"{x!r} {y!r}" for x, y in zip(mz, intensity, strict=True))
        files.setdefault(run.partition("/")[2], []).append(f"BEGIN IONS\nPEPMASS={precursor_mz!r}\n{peaks}\nEND IONS\n")
    for name, spectra in files.items():
        (folder / f"{name}.mgf").write_text("\n".join(spectra))


def compare(lab, python, folder, what):
    """Count the words of a folder by memo-ms, and print how they differ from memo_words; returns the number of differences."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as table:
        begun = time.perf_counter()
        subprocess.run([python, HERE / "memo_matrix.py", folder, table.name], check=True, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
        ((n, equal, runs, ours, theirs),) = lab.sql(
            """
            WITH ours AS (SELECT split_part(unit_id, '/', 2) AS unit, word, n FROM memo_words($study)),
            theirs AS (FROM read_csv($file, header = false, columns = {unit: 'VARCHAR', word: 'VARCHAR', n: 'BIGINT'}))
            SELECT
                count(*), count(*) FILTER (o.n = t.n), count(DISTINCT unit) FILTER (o.n IS DISTINCT FROM t.n),
                sum(o.n), sum(t.n)
            FROM ours AS o FULL JOIN theirs AS t USING (unit, word)
            """,
            {"study": STUDY, "file": table.name},
        ).fetchall()
    print(
        f"{what}: {equal:,} of {n:,} counts are equal, the others in {runs} runs; occurrences {ours:,}, by memo-ms {theirs:,}; "
        f"memo-ms took {seconds:.1f} s",
        flush=True,
    )
    return n - equal


def main():
    """Run both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("--memo-python", required=True, help="Python of the environment that has memo-ms.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder) / "lab", create=True) as lab:
        lab.import_study(STUDY, [arguments.cohort / "mgf"])
        lab.embed("binned")
        begun = time.perf_counter()
        ((words, runs),) = lab.sql(
            "SELECT count(DISTINCT word), count(DISTINCT unit_id) FROM memo_words($s)", {"s": STUDY}
        ).fetchall()
        print(f"memo_words: {words:,} words in {runs} runs, {time.perf_counter() - begun:.1f} s", flush=True)
        stored = Path(folder) / "stored"
        write_stored_peaks(lab, stored)
        differences = compare(lab, arguments.memo_python, stored, "stored peaks")
        compare(lab, arguments.memo_python, arguments.cohort / "mgf", "files as they are")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
