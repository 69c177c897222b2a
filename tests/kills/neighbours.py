"""Two processes embed, import, identify, publish and clean while eight threads of another search and read.

Every answer must be that of some published file: whoever publishes notes first what each question is answered by the file that
comes. No verb and no reader may fail.

    python tests/kills/neighbours.py --minutes 5
"""

import argparse
import fcntl
import hashlib
import json
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

import duckdb
from made_files import numbered, peaks

from spectradb.facade.lab import connect
from spectradb.store.publishing import publish

N = 12  # spectra of a file
THREADS = 8
QUESTIONS = {
    "collections": "SELECT * FROM (SELECT name, n_spectra FROM libraries UNION ALL SELECT name, n_spectra FROM studies) "
    "ORDER BY ALL",
    "spectra": "SELECT collection, count(*), sum(spectrum_id::HUGEINT), count(embedding_binned) FROM spectra GROUP BY ALL "
    "ORDER BY ALL",
    "hits": "SELECT search_id, count(*), sum(query_id::HUGEINT), round(sum(score), 3) FROM hits GROUP BY ALL ORDER BY ALL",
    "searches": "SELECT search_id, n_queries, n_answered FROM searches ORDER BY ALL",
    "join": "SELECT count(*), sum(query_id::HUGEINT), round(sum(score), 3) "
    "FROM similarity_join('vectors.shared__binned', 'vectors.fixed__binned', ppm := 10, k := 3)",
    "vectors": "SELECT count(*), round(sum(embedding[1]), 4) FROM vectors.shared__binned",
    "identified": "SELECT study, library, count(*), count(DISTINCT analyte_id) FROM identifications GROUP BY ALL ORDER BY ALL",
}


def answer(con, question):
    """Ask a question; the digest of what is answered."""
    return hashlib.sha256(repr(con.execute(QUESTIONS[question]).fetchall()).encode()).hexdigest()[:20]


def asked(file):
    """Ask a file all questions."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{file}' AS lab (READ_ONLY)")
        con.execute("USE lab")
        return {question: answer(con, question) for question in QUESTIONS}


def note_answers(noted):
    """Let this process note what is answered by every file that it publishes, before that is in its place."""
    put = publish._put_in_place

    def note_and_put(following, *rest):
        answers = json.dumps(asked(following))
        with noted.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(answers + "\n")
        put(following, *rest)

    publish._put_in_place = note_and_put


def write(path, number, until, noted, told):
    """Be one of the processes that write."""
    note_answers(noted)
    done, fault, verb = Counter(), None, None
    try:
        i = 0
        while time.monotonic() < until:
            files = {
                kind: numbered(
                    path.parent / f"{kind}{number}_{i}.mgf", N, prefix=f"{kind}{number}_{i}_", first=1000 * number + N * i
                )
                for kind in ("own", "shared")
            }
            lab = connect(path)
            verbs = {
                "import library": lambda lab=lab, files=files: lab.import_library(f"own{number}", files["own"]),
                "import study": lambda lab=lab, files=files: lab.import_study("shared", files["shared"]),
                "embed": lambda lab=lab: lab.embed("binned"),
                "identify": lambda lab=lab, i=i: lab.identify("shared", "fixed", ppm=2000, k=2, name=f"s{number}_{i}"),
                "publish": lambda lab=lab, i=i: lab.publish(rebuild=i % 4 == 3),
                "clean": lambda lab=lab: lab.clean(older_than_days=0.001),
            }
            for verb, call in verbs.items():
                call()
                done[verb] += 1
                if time.monotonic() > until:
                    break
            i += 1
    except BaseException:  # noqa: BLE001 - it is told
        fault = f"{verb}: {traceback.format_exc()}"
    told.send((done, fault))


def read(path, until, told):
    """Be the process of eight threads: new connections, one lab that all share, and searches of a spectrum at hand."""
    seen = {question: set() for question in QUESTIONS}
    done, faults, shared = Counter(), [], connect(path)
    mz, heights = map(list, zip(*peaks(3), strict=True))
    at_hand = set()

    def ask(number):
        chance = random.Random(number)
        try:
            while time.monotonic() < until:
                question = chance.choice(list(QUESTIONS))
                way = chance.choice(("file", "lab", "shared lab", "search"))
                if way == "file":
                    with duckdb.connect() as con:
                        con.execute(f"ATTACH '{path / 'lab.duckdb'}' AS lab (READ_ONLY)")
                        con.execute("USE lab")
                        seen[question].add(answer(con, question))
                elif way == "lab":
                    with connect(path) as lab:
                        seen[question].add(answer(lab.cursor(), question))
                elif way == "shared lab":
                    seen[question].add(answer(shared.cursor(), question))
                else:
                    with connect(path) as lab:
                        found = lab.search(mz, heights, precursor_mz=103.1, ion_mode="positive", library="fixed", ppm=2000)
                        at_hand.add(repr(found.to_pylist()))
                done[way] += 1
        except BaseException:  # noqa: BLE001 - it is told
            faults.append(f"{way}, {question}: {traceback.format_exc()}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.send((done, seen, at_hand, faults))


def neighbours(folder, seconds):
    """Let all of them work at once.

    Parameters
    ----------
    folder : pathlib.Path
        Where to make the lab.
    seconds : float
        How long.

    Returns
    -------
    verbs, requests : collections.Counter
        What was done.
    n_states : int
        How many files were published.
    faults : list of str
        What went wrong; answers of no published file among it.
    """
    path, noted = folder / "lab", folder / "answers"
    with connect(path, create=True) as lab:
        lab.import_library("fixed", numbered(folder / "fixed.mgf", 60, prefix="F"))
        lab.import_study("shared", numbered(folder / "shared.mgf", N, prefix="Q", first=5))
        lab.embed("binned")
    noted.write_text(json.dumps(asked(path / "lab.duckdb")) + "\n")
    context = multiprocessing.get_context("spawn")
    until = time.monotonic() + seconds
    jobs = [(write, (path, 1, until, noted)), (write, (path, 2, until, noted)), (read, (path, until))]
    processes = []
    for call, arguments in jobs:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=call, args=(*arguments, there))
        process.start()
        there.close()
        processes.append((process, here))
    *writers, (requests, seen, at_hand, faults) = [here.recv() for _, here in processes]
    for process, _ in processes:
        process.join()
    verbs = sum((done for done, _ in writers), Counter())
    faults += [fault for _, fault in writers if fault]
    states = [json.loads(line) for line in noted.read_text().splitlines()]
    for question, answers in seen.items():
        if strange := answers - {state[question] for state in states}:
            faults.append(f"{question}: {len(strange)} answers of no published file")
    if len(at_hand) > 1:
        faults.append(f"a search of one spectrum in a library that stays as it is has {len(at_hand)} answers")
    return verbs, requests, len(states), faults


def main():
    """Run for some minutes; the exit status tells whether there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--folder", type=Path, help="where the lab is made; a temporary folder when left out")
    asked_for = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked_for.folder) as name:
        verbs, requests, n_states, faults = neighbours(Path(name), asked_for.minutes * 60)
    print(f"{asked_for.minutes:g} minutes: {dict(verbs)}; {n_states} files published; {dict(requests)}; {len(faults)} faults")
    for fault in faults:
        print(f"FAULT {fault}")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
