"""Locks that hold between machines: here, threads and processes with folders of their own for one address."""

import json
import subprocess
import sys
import threading
import time

import pytest

from spectradb.errors import LockLost
from spectradb.store.locks import exclusive, shared
from spectradb.store.s3 import lock_objects
from spectradb.workspace.lab_address import LabAddress


@pytest.fixture
def machine(address, tmp_path, monkeypatch):
    """Make the folder of locks of one more machine."""

    def make(name):
        with monkeypatch.context() as environment:
            environment.setenv("XDG_CACHE_HOME", str(tmp_path / name))
            there = LabAddress.of(address)
        there.prepare(create=True)
        return there.folder / "locks"

    return make


@pytest.fixture
def store(address):
    return LabAddress.of(address).store


@pytest.fixture
def brief(monkeypatch):
    """Holders that may be silent for less than a second."""
    monkeypatch.setattr(lock_objects, "SILENCE_S", 0.8)
    monkeypatch.setattr(lock_objects, "RENEWAL_S", 0.2)


HOLDER = """
import sys, time
from pathlib import Path
from spectradb.store.s3 import lock_objects
from spectradb.store.locks import exclusive, shared
lock_objects.SILENCE_S, lock_objects.RENEWAL_S = float(sys.argv[3]), 0.2
path = Path(sys.argv[2])
with exclusive(path) if sys.argv[1] == "exclusive" else shared(path, alone=lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


def killed_holder(kind, path, silence_s):
    """Let another process take a lock, and kill it."""
    command = [sys.executable, "-c", HOLDER, kind, str(path), str(silence_s)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.wait()
    process.stdout.close()


def state(store, name="a.lock"):
    return json.loads(store.read(f"locks/{name}")[0])


def test_who_comes_second_waits_on_another_machine_too(machine):
    order = []

    def second(folder):
        with exclusive(folder / "a.lock"):
            order.append("second")

    here, there = machine("here"), machine("there")
    with exclusive(here / "a.lock"), exclusive(here / "b.lock"):
        thread = threading.Thread(target=second, args=(there,))
        thread.start()
        time.sleep(0.4)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_counter_kept_by_many_machines_is_right(machine, tmp_path):
    file = tmp_path / "counter"
    file.write_text("0")

    def count(folder):
        for _ in range(4):
            with exclusive(folder / "a.lock"):
                n = int(file.read_text())
                time.sleep(0.01)
                file.write_text(str(n + 1))

    threads = [threading.Thread(target=count, args=(machine(name),)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert file.read_text() == "12"


def test_a_lock_is_free_after_an_error(machine, store):
    def fail():
        with exclusive(machine("here") / "a.lock"):
            assert "free" not in state(store)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert state(store)["free"]
    with exclusive(machine("there") / "a.lock"):
        pass


def test_a_holder_that_works_for_long_keeps_its_lock(machine, store, brief):
    here, there = machine("here"), machine("there")
    taken = threading.Event()

    def second():
        with exclusive(there / "a.lock"):
            taken.set()

    with exclusive(here / "a.lock"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(1.7)
        assert not taken.is_set()
        assert state(store)["renewed"] >= 2
    thread.join(10)
    assert taken.is_set()


def test_what_a_killed_holder_leaves_is_free_at_once_here_and_after_its_silence_elsewhere(machine):
    here, there = machine("here"), machine("there")
    killed_holder("exclusive", here / "a.lock", 60)
    started = time.monotonic()
    with exclusive(here / "a.lock"):
        pass
    assert time.monotonic() - started < 5
    killed_holder("exclusive", here / "a.lock", 1.5)
    started = time.monotonic()
    with exclusive(there / "a.lock"):
        pass
    assert 1.5 < time.monotonic() - started < 20


def test_who_lost_a_lock_is_told(machine, store, brief):
    """As when a machine sleeps for longer than it may be silent, and another takes over."""

    def lose():
        with exclusive(machine("here") / "a.lock"):
            found, etag = store.read("locks/a.lock")
            taken_over = json.dumps(json.loads(found) | {"machine": "another", "token": "another"})
            while not store.replace("locks/a.lock", taken_over.encode(), etag=etag):
                found, etag = store.read("locks/a.lock")
            time.sleep(0.5)

    with pytest.raises(LockLost, match=r"could not renew its lock locks/a\.lock for 0\.8 s.*run the command again"):
        lose()
    assert state(store)["token"] == "another"


def test_only_who_is_alone_on_all_machines_clears_up(machine, store):
    here, there, cleared = machine("here"), machine("there"), []
    with shared(here / "s.lock", alone=lambda: cleared.append("first")):
        with shared(there / "s.lock", alone=lambda: cleared.append("second")):
            assert cleared == ["first"]
            assert len(store.list("locks/s.lock.members")) == 2
        with shared(here / "s.lock", alone=lambda: cleared.append("third")):
            assert cleared == ["first"]
    with shared(there / "s.lock", alone=lambda: cleared.append("fourth")):
        assert cleared == ["first", "fourth"]
    assert store.list("locks/s.lock.members") == []


def test_killed_sharers_are_struck_off_at_once_here_and_after_their_silence_elsewhere(machine, store):
    here, there, cleared = machine("here"), machine("there"), []
    killed_holder("shared", here / "s.lock", 60)
    with shared(there / "s.lock", alone=lambda: cleared.append("too early")):
        pass
    with shared(here / "s.lock", alone=lambda: cleared.append("here")):
        pass
    killed_holder("shared", here / "s.lock", 0.5)
    time.sleep(2.1)  # the server's clock tells whole seconds
    with shared(there / "s.lock", alone=lambda: cleared.append("there")):
        pass
    assert cleared == ["here", "there"]
    assert store.list("locks/s.lock.members") == []
