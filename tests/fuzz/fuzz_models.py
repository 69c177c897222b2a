"""Take in mutants of models as `spectradb model add --trust` does: each is taken, or refused as a bad model or unreadable file.

Each worker has limits: a mutant that takes more than twenty seconds or four gigabytes ends its process, and is named. A model
that is tried apart is given fifteen seconds instead of the usual two minutes, after which it is refused.

    python tests/fuzz/fuzz_models.py --n 300 --seed 1 --keep DIRECTORY
"""

import argparse
import faulthandler
import os
import resource
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

from model_mutants import mutants, write_seeds

from spectradb.errors import BadModel, UnreadableFile
from spectradb.models import tried
from spectradb.models.adding import add_model
from spectradb.models.folder import ModelFolder

SECONDS, BYTES = 20, 4 << 30
APART_SECONDS = 15.0
_LONGEST = 300
KINDS = {"a.onnx": "onnx", "a.pt": "torchscript", "a.safetensors": "spectradb", "a.ckpt": "dreams"}


def take(folder, name, content, card):
    """Take a mutant into a folder; return how that ended."""
    file = folder / name
    file.write_bytes(content)
    file.with_suffix(".json").write_bytes(card)
    try:
        add_model(ModelFolder(folder / "models"), "a", file, kind=KINDS[name], trust=True, overwrite=True)
    except (BadModel, UnreadableFile) as error:
        if "\n" in str(error).strip():
            raise ValueError(f"more than one line: {error}") from error
        return type(error).__name__
    return "taken"


def check(folder, name, n, seed):
    """Take n mutants of one model; return the counts, and what was raised that is no refusal."""
    counts, faults = Counter(), []
    for number, mutant in enumerate(mutants(name, *write_seeds(folder)[name], n, seed)):
        try:
            counts[take(folder, name, *mutant)] += 1
        except Exception:  # noqa: BLE001 - any other error is what is looked for
            faults.append(f"{number}: {traceback.format_exc()}")
    return counts, faults


def _work(name, numbers, seed, keep):
    resource.setrlimit(resource.RLIMIT_DATA, (BYTES, BYTES))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["XDG_CONFIG_HOME"] = place
        tried.SECONDS = APART_SECONDS
        first, last = map(int, numbers.split("-"))
        content, card = write_seeds(folder)[name]
        if name != "a.ckpt" and take(folder, name, content, card) != "taken":  # of DreaMS only a piece is at hand
            raise AssertionError(f"the model itself is refused: {name}")
        for number, mutant in enumerate(mutants(name, content, card, last, seed)):
            if number < first:
                continue
            if keep:
                kept = Path(keep) / f"{seed}_{number}_{name}"
                kept.write_bytes(mutant[0])
                kept.with_suffix(".json").write_bytes(mutant[1])
            faulthandler.dump_traceback_later(_LONGEST, exit=True)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: the machine may have other work
            try:
                print(take(folder, name, *mutant), flush=True)
            except Exception as error:  # noqa: BLE001 - as above
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}:{last.lineno}"
                print(f"FAULT {type(error).__name__} {where} {str(error)[:150]!r}", flush=True)
            signal.setitimer(signal.ITIMER_PROF, 0)
            faulthandler.cancel_dump_traceback_later()
            if keep and number:
                kept.unlink(missing_ok=True)


def _is_late(worker):
    return worker.returncode == -signal.SIGPROF or "Timeout" in worker.stderr


def main():
    """Take in as many as asked for; the exit status tells whether any was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=300, help="mutants in all")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep", type=Path, help="directory that mutants are written to before they are tried")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    if asked.work:
        _work(*asked.work, asked.seed, asked.keep)
        return 0
    counts = Counter()
    for name in KINDS:
        done, last = 0, -(-asked.n // len(KINDS))
        while done < last:
            call = [sys.executable, __file__, "--work", name, f"{done}-{last}", "--seed", asked.seed]
            call += ["--keep", str(asked.keep)] if asked.keep else []
            worker = subprocess.run(call, check=False, capture_output=True, text=True)
            said = worker.stdout.splitlines()
            if worker.returncode:
                said.append("FAULT " + ("too much time" if _is_late(worker) else f"exit status {worker.returncode}"))
            for number, line in enumerate(said):
                counts[name, line.partition(" ")[0] if line.startswith("FAULT") else line] += 1
                if line.startswith("FAULT"):
                    print(f"{name} {asked.seed} {done + number}: {line}", flush=True)
            if not said:
                print(worker.stderr[-2000:])
                return 1
            done += len(said)
    for (name, line), n in sorted(counts.items()):
        print(f"{n:6,} {name} {line}")
    return int(any(line == "FAULT" for _, line in counts))


if __name__ == "__main__":
    sys.exit(main())
