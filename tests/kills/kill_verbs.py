"""Kill every verb that writes, at random times, and look whether anything is lost, doubled or left behind.

Each verb runs in a process of its own on copies of a small lab and is killed by SIGKILL at random times of its duration, a few
times in one lab, while another process reads the published file. Then the verb is run to its end: the lab must be that of an
undisturbed run.

    python tests/kills/kill_verbs.py --n 200 --seed 1
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of libraries would not survive a fork
sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

from killed_verbs import CONTEXT, SLOW_IMPORTS, Verb, changed_by_reading, template
from verb_calls import WRITING

KILLS_PER_LAB = 3


def main():
    """Kill until there were enough kills; the exit status tells whether there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=200, help="kills that find a verb at work, over all verbs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verb", action="append", help="only this verb; may be repeated")
    parser.add_argument("--folder", type=Path, help="where the labs are; a temporary folder when left out")
    asked = parser.parse_args()
    CONTEXT.set_forkserver_preload(["killed_verbs", *SLOW_IMPORTS])
    names = asked.verb or list(WRITING)
    chance = random.Random(asked.seed)
    n_faults, kills, reads = 0, 0, 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        lab = template(folder)
        for place, verb_name in enumerate(names):
            began = time.monotonic()
            share = asked.n * (place + 1) // len(names) - asked.n * place // len(names)
            try:
                verb = Verb(verb_name, lab, folder / "verb")
            except AssertionError as error:
                n_faults += 1
                print(f"{verb_name}: FAULT without any kill: {error}", flush=True)
                shutil.rmtree(folder / "verb")
                continue
            while verb.counts["at work"] < share and verb.counts["already done"] < 3 * share:
                verb.disturb(min(KILLS_PER_LAB, share - verb.counts["at work"]), chance)
            kills, reads, n_faults = kills + verb.counts["at work"], reads + verb.n_read, n_faults + len(verb.faults)
            took = f"{verb.took:.1f} s undisturbed, {time.monotonic() - began:.0f} s here"
            print(f"{verb_name}: {dict(verb.counts)}, {verb.n_read} reads, {len(verb.faults)} faults ({took})", flush=True)
            for fault in verb.faults:
                print(f"  FAULT {fault}", flush=True)
            verb.close()
        if not asked.verb:
            changed = changed_by_reading(lab, folder / "reading")
            n_faults += len(changed)
            print(*(f"FAULT a verb that is to read writes: {told}" for told in changed), sep="\n", end="\n" if changed else "")
    print(f"{kills} kills of {len(names)} verbs, {reads} reads beside them, {n_faults} faults")
    return int(n_faults > 0)


if __name__ == "__main__":
    sys.exit(main())
