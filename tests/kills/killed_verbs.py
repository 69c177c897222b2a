"""Verbs in processes of their own, killed at random times, beside a reader; and what must be so afterwards."""

import hashlib
import multiprocessing
import os
import shlex
import shutil
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress

import duckdb
from kill_lab import build
from made_files import published_rows
from verb_calls import READING, WRITING

from spectradb.cli.main import main

# A server that has imported much forks the processes, so that they start at once: it has no threads and opens no table.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["killed_verbs", "pytest", "spectradb.facade.lab", "spectradb.ingest.readers.mgf"])
#: What takes longest to import: where many verbs are killed, so that most kills come while they work.
SLOW_IMPORTS = (
    *("spectradb.report.write", "spectradb.training.run", "spectradb.samples.estimators", "sklearn.linear_model"),
    *("torch", "onnxruntime", "rdkit.Chem"),
)
LONGEST = 600.0
_TIMES = {"search_seconds", "pairs_per_second"}
_KEYS = {
    "spectra": "spectrum_id",
    "structures": "structure_id",
    "imports": "import_id",
    "libraries": "name",
    "studies": "name",
    "runs": "run_id",
    "models": "name",
    "properties": "name",
    "searches": "search_id",
    "calibrations": "calibration_id",
}


def rows(path):
    """Return what a published file shows, without what tells only when it was done and how long that took."""
    found = published_rows(path)
    columns, results = found["benchmark_results"]
    place = columns.index("metric")
    found["benchmark_results"] = columns, [row for row in results if row[place] not in _TIMES]
    for table, column in (("mces", "seconds"), ("kept_states", "kept")):
        columns, results = found[table]
        place = columns.index(column)
        found[table] = columns, [row[:place] + row[place + 1 :] for row in results]
    return found


def states(path):
    """Digest of that."""
    return hashlib.sha256(repr(rows(path)).encode()).hexdigest()


# In the processes of verbs


def _call(words, log, noted, parent):
    """Run a verb; of a file ``noted`` it appends the digest of every state that it publishes."""
    import tqdm  # noqa: PLC0415

    tqdm.tqdm.set_lock(threading.RLock())  # its own lock is a semaphore, which a killed process leaks
    parent.send(None)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    if noted:
        _note_states(noted)
    main(words, standalone_mode=True)


def _note_states(noted):
    from spectradb.store.publishing import publish  # noqa: PLC0415

    put = publish._put_in_place

    def put_and_note(following, path, *rest):
        put(following, path, *rest)
        with noted.open("a") as file:
            file.write(states(path) + "\n")

    publish._put_in_place = put_and_note


class Folder:
    """A copy of the lab with what is written beside it."""

    def __init__(self, path, template):
        self.path = path
        self.log = path.with_name(f"{path.name}.log")
        self.noted = path.with_name(f"{path.name}.states")
        shutil.copytree(template, path)

    @property
    def published(self):
        return self.path / "lab" / "lab.duckdb"

    def begin(self, verb, arguments, *, note=False):
        """Start a verb; return when it begins to work."""
        words = [word.format(lab=self.path / "lab", files=self.path) for word in (*verb.split(), *shlex.split(arguments))]
        here, there = CONTEXT.Pipe(duplex=False)
        environment = {"XDG_CONFIG_HOME": self.path / "config", "XDG_CACHE_HOME": self.path / "cache"}
        process = CONTEXT.Process(target=_in_place, args=(environment, words, self.log, self.noted if note else None, there))
        process.start()
        there.close()
        here.recv()
        return process

    def run(self, verb, arguments, *, done=None, note=False):
        """Run a verb to its end; return how many seconds it took."""
        process = self.begin(verb, arguments, note=note)
        began = time.monotonic()
        process.join(LONGEST)
        took = time.monotonic() - began
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"{verb} did not end in {LONGEST} s: {self.said()}")
        if process.exitcode != 0 and not (done and done in self.said()):
            raise AssertionError(f"{verb} ended with {process.exitcode}: {self.said()}")
        return took

    def kill(self, verb, arguments, delay):
        """Kill a verb after a delay in seconds; return whether it was still at work."""
        process = self.begin(verb, arguments)
        process.join(delay)
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        return process.exitcode == -signal.SIGKILL

    def said(self):
        return self.log.read_text(errors="replace")[-3000:]

    def noted_states(self):
        return set(self.noted.read_text().split()) if self.noted.exists() else set()

    def files(self):
        """All files but those of tables in the record, which a killed writer may leave until they are cleaned."""
        found = {str(file.relative_to(self.path)) for file in self.path.rglob("*") if file.is_file()}
        return {name for name in found if "/lance/" not in name and "/locks/" not in name and not name.startswith("cache/")}

    def remove(self):
        shutil.rmtree(self.path)
        for beside in (self.log, self.noted):
            beside.unlink(missing_ok=True)


def _in_place(environment, words, log, noted, parent):
    os.environ.update({name: str(value) for name, value in environment.items()})
    _call(words, log, noted, parent)


# The reader


def _read(parent, path, can_go):
    """Open what is published again and again, until told to stop."""
    seen, n, failure, known = set(), 0, None, None
    try:
        while not parent.poll(0.02):
            if not path.exists():
                continue
            try:
                file = path.stat().st_ino
                if file != known:
                    seen.add(states(path))
                else:
                    with duckdb.connect(str(path), read_only=True) as con:
                        con.execute("SELECT count(*), sum(n_peaks) FROM spectra").fetchall()
                n, known = n + 1, file
            except (duckdb.IOException, FileNotFoundError):
                if path.exists() or not can_go:
                    raise
    except BaseException:  # noqa: BLE001 - it is told
        failure = traceback.format_exc()
    parent.send((seen, n, failure))


class Reader:
    """A process that reads a published file all the time; ``can_go``: the demonstration begins a half-made lab anew."""

    def __init__(self, path, *, can_go=False):
        self.here, there = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_read, args=(there, path, can_go))
        self.process.start()
        there.close()

    def stop(self):
        """Return the digests of what was read, how often, and what went wrong."""
        with suppress(BrokenPipeError):  # it failed, and has told so
            self.here.send("stop")
        told = self.here.recv()
        self.process.join()
        return told


# What a lab must be like


def faults_of_record(lab):
    """What is doubled or unfinished in the record of a lab."""
    from spectradb.facade.lab import Lab  # noqa: PLC0415
    from spectradb.removal.pending import noted  # noqa: PLC0415

    record = Lab(lab).record
    found = []
    for table, key in _KEYS.items():
        keys = record.read(table, columns=[key])[key].to_pylist()
        if len(keys) != len(set(keys)):
            found.append(f"{table} has {len(keys) - len(set(keys))} rows twice")
    finished = set(record.read("imports", columns=["import_id"])["import_id"].to_pylist())
    if set(record.read("spectra", columns=["import_id"])["import_id"].to_pylist()) - finished:
        found.append("spectra of no finished import")
    searches = record.read("searches", columns=["search_id", "finished"]).to_pylist()
    found += [f"unfinished search {row['search_id']}" for row in searches if row["finished"] is None]
    hits = set(record.read("hits", columns=["search_id"])["search_id"].to_pylist())
    found += [f"hits of no search {name}" for name in hits - {row["search_id"] for row in searches}]
    found += [f"unfinished removal {removal}" for removal in noted(record)]
    return found


def difference(found, expected):
    """Tell where rows differ, table by table."""
    told = []
    for table in sorted({*found, *expected}):
        if table not in found or table not in expected:
            told.append(f"table {table} is in one of them only")
        elif found[table] != expected[table]:
            here, there = (set(map(repr, rows[table][1])) for rows in (found, expected))
            told.append(
                f"{table}: {len(found[table][1])} rows, {len(expected[table][1])} undisturbed; "
                f"only here {sorted(here - there)[:2]}, only there {sorted(there - here)[:2]}"
            )
    return told


class Verb:
    """One verb: done undisturbed, and then killed as often as one likes."""

    def __init__(self, name, template, folder):
        self.name, self.template, self.folder = name, template, folder
        self.call = WRITING[name]
        self.counts, self.faults, self.n_read = Counter(), [], 0
        self.start = Folder(folder / "start", template)
        for first in self.call.first:
            verb, arguments = first.split(" ", 1) if not first.startswith(("model", "state")) else _two_words(first)
            self.start.run(verb, arguments)
        if self.call.version is not None:
            _set_version(self.start.path / "lab", self.call.version)
        self.lab = self.start.path / "lab" if name not in {"demo", "init"} else None
        whole = self._copy("undisturbed")
        self.took = whole.run(name, self.call.arguments, note=True)
        self.states = whole.noted_states()
        self.expected_files = whole.files()
        self.sizes = _sizes(whole.path / "out")
        self.published = self._published(whole)
        self.states.add(states(self.published))
        if (self.start.path / "lab" / "lab.duckdb").exists():
            self.states.add(states(self.start.published))
        self.expected = rows(self.published)
        whole.remove() if self.lab else None
        self.whole = whole

    def _published(self, copy):
        place = {"demo": copy.path / "demo" / "lab", "init": copy.path / "new"}.get(self.name, copy.path / "lab")
        return place / "lab.duckdb"

    def _copy(self, name):
        return Folder(self.folder / name, self.start.path)

    def disturb(self, n, chance):
        """Kill the verb n times in one lab, run it to its end, and compare the lab with the one that nobody disturbed."""
        copy = self._copy("disturbed")
        published = self._published(copy)
        reader = Reader(published, can_go=self.name == "demo")
        try:
            for _ in range(n):
                hit = copy.kill(self.name, self.call.arguments, chance.uniform(0, self.took))
                self.counts["at work" if hit else "already done"] += 1
                self._check_half_files(copy)
            copy.run(self.name, self.call.arguments, done=self.call.done, note=True)
        except AssertionError as error:
            self.faults.append(str(error))
        seen, n_read, failure = reader.stop()
        self.n_read += n_read
        if failure:
            self.faults.append(f"reader: {failure}")
        if strange := seen - self.states - copy.noted_states():
            self.faults.append(f"reader saw {len(strange)} states that nobody published")
        if published.exists():
            self.faults += difference(rows(published), self.expected)
            self.faults += faults_of_record(published.parent)
        if left := copy.files() - self.expected_files:
            self.faults.append(f"left behind: {sorted(left)[:5]}")
        if lost := self.expected_files - copy.files():
            self.faults.append(f"missing: {sorted(lost)[:5]}")
        copy.remove()

    def _check_half_files(self, copy):
        for name, size in _sizes(copy.path / "out").items():
            whole = self.sizes.get(name)
            # Pages and drawings tell times and take a few bytes more or less.
            if whole is not None and not 0.97 * whole <= size <= 1.03 * whole and not name.startswith("run/"):
                self.faults.append(f"half a file: {name} of {size} bytes, whole {whole}")

    def close(self):
        shutil.rmtree(self.folder)


def _two_words(text):
    first, second, rest = text.split(" ", 2)
    return f"{first} {second}", rest


def _sizes(folder):
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")]
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}


def _set_version(lab, version):
    import pyarrow as pa  # noqa: PLC0415

    from spectradb.facade.lab import Lab  # noqa: PLC0415

    Lab(lab).record.update("properties", "name", pa.table({"name": ["schema_version"], "value": [str(version)]}))


def changed_by_reading(lab, folder):
    """Call every verb that is said to write nothing; name those after which a file of the lab is another one."""
    copy = Folder(folder, lab)
    copy.run("state keep", "{lab} reference may")
    copy.run("info", "{lab}")  # notes that this version has looked at the lab

    def seen():
        files = [file for file in (copy.path / "lab").rglob("*") if file.is_file() and file.parent.name != "locks"]
        return {str(file): (file.stat().st_mtime_ns, file.stat().st_size) for file in files}

    found, before = [], seen()
    for verb, arguments in READING.items():
        copy.run(verb, arguments)
        after = seen()
        if after != before:
            found.append(f"{verb}: {sorted(name for name in {*before, *after} if before.get(name) != after.get(name))[:3]}")
        before = after
    copy.remove()
    return found


def template(folder):
    """Make the lab that all copies are of, and the server of processes."""
    path = folder / "template"
    path.mkdir(parents=True)
    return build(path)
