"""Ask the package massql and a lab the same queries about the same spectra, and compare what they find.

    python tests/peers/massql_conformance.py --massql-python /path/to/venv/bin/python FILE... [--record]

FILE are MGF or mzML files. The package needs an environment of its own (``pip install massql==2026.3.14``). It reads an MGF
file of the peaks that the lab stored, written with all digits, so that only the queries are compared; a spectrum that states no
retention time or charge is left out, as the package takes such for 0 and 1. Queries with a variable are asked about a few of
the spectra, because the package turns each into thousands. Exit status 1: a difference that ``massql_queries.txt`` does not
explain.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from spectradb.facade.lab import connect

HERE = Path(__file__).parent
QUERIES = HERE / "massql_queries.txt"
N_SPECTRA, N_FOR_VARIABLES = 4000, 150
# What sums may differ by: the package adds in another order.
_RELATIVE = 1e-9

#: Run by the package's own interpreter: queries in, scans and sums out.
THEIRS = """
import contextlib, io, json, sys
from massql import msql_engine, msql_fileloading
answers = []
for part in json.load(open(sys.argv[1])):
    ms1, ms2 = msql_fileloading.load_data(part["file"])
    for query in part["queries"]:
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                rows = msql_engine.process_query(query, part["file"], ms1_df=ms1.copy(), ms2_df=ms2.copy())
            if "scan" in rows:
                sums = dict(zip(map(int, rows["scan"]), map(float, rows["i"] if "i" in rows else [0] * len(rows))))
            else:
                sums = {f"{mz!r}": 0.0 for mz in map(float, rows.get("precmz", []))}
            answers.append({"sums": list(sums.items())})
        except Exception as error:
            answers.append({"failed": f"{type(error).__name__}: {error}"})
json.dump(answers, open(sys.argv[2], "w"))
"""


def read_queries():
    """List (kind, condition, reason of a known difference): kind is X or the function."""
    queries, reason = [], None
    for line in QUERIES.read_text().splitlines():
        if line.startswith("!"):
            reason = line[1:]
        elif line and not line.startswith("#"):
            kind, _, rest = line.partition(": ")
            is_kind = kind.isidentifier()
            queries.append((kind if is_kind else "scannum", rest if is_kind else line, reason))
            reason = None
    return queries


def write_stored_peaks(lab, file, n):
    """Write spectra of the lab, as many as asked for, evenly spread; return their ids by scan number."""
    rows = lab.sql(
        "SELECT spectrum_id, precursor_mz, retention_time_s, charge, mz, intensity FROM spectra "
        "WHERE retention_time_s IS NOT NULL AND charge IS NOT NULL AND charge > 0 AND ms_level = 2 AND len(mz) > 0 "
        "ORDER BY collection, run_id, retention_time_s, spectrum_id"
    ).fetchall()
    rows = rows[:: max(1, len(rows) // n)][:n]
    entries, ids = [], {}
    for scan, (spectrum_id, precursor_mz, seconds, charge, mz, intensity) in enumerate(rows, 1):
        ids[scan] = spectrum_id
        peaks = "\n".join(f"{x!r} {y!r}" for x, y in zip(mz, intensity, strict=True))
        head = f"SCANS={scan}\nPEPMASS={precursor_mz!r}\nRTINSECONDS={seconds!r}\nCHARGE={charge}+"
        entries.append(f"BEGIN IONS\n{head}\n{peaks}\nEND IONS\n")
    file.write_text("\n".join(entries))
    return len(ids)


def ours(lab, query, function):
    """What the lab finds: sums (or nothing) by scan or m/z."""
    relation = lab.massql(query)
    names, rows = relation.columns, relation.fetchall()
    if function == "scanmz":
        return {repr(mz): 0.0 for (mz,) in rows}
    told = next((name for name in ("intensity_sum", "intensity_max") if name in names), None)
    at = names.index(told) if told else None
    return {int(row[0]): (float(row[at]) if at is not None else 0.0) for row in rows}


def same(mine, theirs):
    """Whether both found the same, with the same sums."""
    return mine.keys() == theirs.keys() and all(abs(mine[k] - theirs[k]) <= _RELATIVE * abs(theirs[k]) for k in mine)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--massql-python", type=Path, required=True)
    parser.add_argument("--record", action="store_true", help="keep the table for the pages")
    arguments = parser.parse_args()
    queries = read_queries()
    texts = [
        f"QUERY {'scannum' if kind == 'X' else kind}(MS2DATA) {'' if condition.startswith('FILTER') else 'WHERE '}{condition}"
        for kind, condition, _ in queries
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with connect(folder / "whole", create=True) as whole:
            whole.import_study("all", arguments.files)
            labs, parts = {}, []
            for name, n in (("many", N_SPECTRA), ("few", N_FOR_VARIABLES)):
                file = folder / f"{name}.mgf"
                count = write_stored_peaks(whole, file, n)
                print(f"{name}: {count} spectra")
                labs[name] = connect(folder / name, create=True)
                labs[name].import_study("same", file, ion_mode="positive")
                of = [text for text, (kind, _, _) in zip(texts, queries, strict=True) if (kind == "X") == (name == "few")]
                parts.append({"file": str(file), "queries": of})
        (folder / "asked.json").write_text(json.dumps(parts))
        subprocess.run(
            [arguments.massql_python, "-c", THEIRS, folder / "asked.json", folder / "told.json"], check=True, stdout=sys.stderr
        )
        told = dict(
            zip([q for part in parts for q in part["queries"]], json.loads((folder / "told.json").read_text()), strict=True)
        )
        rows, unexplained = [], 0
        for text, (kind, condition, reason) in zip(texts, queries, strict=True):
            mine = ours(labs["few" if kind == "X" else "many"], text, kind)
            answer = told[text]
            theirs = None if "failed" in answer else dict(answer["sums"])
            is_same = theirs is not None and same(mine, theirs)
            unexplained += not is_same and reason is None
            only = (len(mine.keys() - theirs.keys()), len(theirs.keys() - mine.keys())) if theirs is not None else (None, None)
            verdict = "same" if is_same else (reason or "UNEXPLAINED")
            rows.append((condition if kind in ("X", "scannum") else f"{kind}: {condition}", len(mine), *only, verdict))
            print(*rows[-1], answer.get("failed", ""), sep=" | ", flush=True)
        for lab in labs.values():
            lab.close()
    n_same = sum(row[-1] == "same" for row in rows)
    print(f"{len(rows)} queries, {n_same} the same, {unexplained} differences without a reason")
    if arguments.record:
        record(rows, " ".join(file.name for file in arguments.files))
    sys.exit(bool(unexplained))


def record(rows, names):
    """Keep the table for the page of MassQL."""
    sys.path.insert(0, str(HERE.parent / "speed"))
    import figures  # noqa: PLC0415 - of a folder that is no part of the suite

    different = [row for row in rows if row[-1] != "same"]
    figures.record(
        "massql-conformance",
        topic="massql",
        title=f"{len(rows)} queries asked of the package massql, too: {len(rows) - len(different)} found the same spectra, "
        "and where asked for the same sums; the others",
        columns=("query", "found", "only by the lab", "only by the package", "why"),
        rows=[(f"`{row[0].replace('|', ' ')}`", *row[1:]) for row in different],
        notes=("No number under *only*: the package fails.",),
        command=f"python tests/peers/massql_conformance.py --massql-python PYTHON {names} --record",
    )


if __name__ == "__main__":
    main()
