"""Read mutants of files as an import does; what no reader may do is kept.

Run by itself it reads as many as one likes, in processes with limits: a mutant that takes more than ten seconds or two
gigabytes ends its process, and is named.

    python tests/fuzz/fuzz_reading.py --n 100000 --workers 2 --keep DIRECTORY
"""

import argparse
import faulthandler
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from mutants import mutants
from seed_files import SEEDS, SELECT

from spectradb.errors import SpectraDBError
from spectradb.ingest.files.file_reading import FileJob, FileReading
from spectradb.ingest.spectra.peaks import PeakRecipe

SECONDS, BYTES = 10, 2 << 30
_LONGEST = 120  # seconds, waiting included
_CHUNK = 2_500


def read(path, kind):
    """Read a file to its end; return how that ended.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    kind : {"library", "study"}
        What its spectra go to.

    Returns
    -------
    str
        "read", or the name of the error that says why not.
    """
    job = FileJob(
        file=path, run=None, collection="made", kind=kind, recipe=PeakRecipe(), select=SELECT if path.suffix == ".csv" else None
    )
    reading = FileReading(job)
    try:
        for table in reading.tables():
            table.validate(full=True)
    except SpectraDBError as error:
        return type(error).__name__
    counts = reading.tally.counts
    assert sum(n for (outcome, _), n in counts.items() if outcome == "read") == sum(
        n for (outcome, _), n in counts.items() if outcome in ("kept", "dropped")
    )
    return "read"


def check(folder, name, n, seed):
    """Read mutants of one file.

    Parameters
    ----------
    folder : pathlib.Path
        Where the mutants are written, one after the other under one name.
    name : str
        Name of the file, of :data:`seed_files.SEEDS`.
    n, seed
        As for :func:`mutants.mutants`.

    Returns
    -------
    counts : collections.Counter
        How often reading ended how.
    faults : list of (bytes, str)
        Mutants that raised something else than an error of the package, and what.
    """
    others = [text for other, text in SEEDS.items() if other != name]
    path = folder / name
    counts, faults = Counter(), []
    for number, content in enumerate(mutants(SEEDS[name], others, n, seed)):
        path.write_bytes(content)
        try:
            counts[read(path, "library" if number % 2 else "study")] += 1
        except Exception:  # noqa: BLE001 - any other error is what is looked for
            faults.append((content, traceback.format_exc()))
    return counts, faults


def _work(name, n, seed):
    """Be a worker: print what was found, within limits."""
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    with tempfile.TemporaryDirectory() as folder:
        others = [text for other, text in SEEDS.items() if other != name]
        path = Path(folder) / name
        for number, content in enumerate(mutants(SEEDS[name], others, n, seed)):
            path.write_bytes(content)
            faulthandler.dump_traceback_later(_LONGEST, exit=True)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: the machine may have other work
            try:
                print(read(path, "library" if number % 2 else "study"), flush=True)
            except MemoryError:
                print("FAULT too much memory", flush=True)
            except Exception as error:  # noqa: BLE001 - as above
                place = traceback.extract_tb(error.__traceback__)[-1]
                print(f"FAULT {type(error).__name__} {Path(place.filename).name}:{place.lineno}", flush=True)
            signal.setitimer(signal.ITIMER_PROF, 0)
            faulthandler.cancel_dump_traceback_later()


def _keep(directory, name, seed, number):
    others = [text for other, text in SEEDS.items() if other != name]
    *_, content = mutants(SEEDS[name], others, number + 1, seed)
    (directory / f"{seed}_{number}_{name}").write_bytes(content)


def _is_late(worker, complaint):
    return worker.returncode == -signal.SIGPROF or "Timeout" in complaint


def main():
    """Read mutants until there are enough; the exit status tells whether any was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=100_000, help="mutants in all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="directory that mutants with faults are written to")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        name, n, seed = asked.work
        _work(name, int(n), seed)
        return 0
    jobs = [(name, f"{asked.seed}.{k}") for k in range(-(-asked.n // (_CHUNK * len(SEEDS)))) for name in SEEDS]
    counts, running = Counter(), []
    while jobs or running:
        while jobs and len(running) < asked.workers:
            name, seed = jobs.pop(0)
            call = [sys.executable, __file__, "--work", name, str(_CHUNK), seed]
            running.append((name, seed, subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)))
        name, seed, worker = running.pop(0)
        said, complaint = worker.communicate()
        ended = said.splitlines()
        if worker.returncode:
            ended.append(
                "FAULT "
                + (
                    "too much time"
                    if "Timeout" in complaint or worker.returncode == -signal.SIGPROF
                    else f"exit status {worker.returncode}"
                )
            )
        for number, line in enumerate(ended):
            counts[line if line.startswith("FAULT") else "read" if line == "read" else "refused"] += 1
            if line.startswith("FAULT"):
                print(f"{name} {seed} {number}: {line}", flush=True)
                if asked.keep:
                    asked.keep.mkdir(parents=True, exist_ok=True)
                    _keep(asked.keep, name, seed, number)
    for line, n in counts.most_common():
        print(f"{n:8,} {line}")
    return int(any(line.startswith("FAULT") for line in counts))


if __name__ == "__main__":
    sys.exit(main())
