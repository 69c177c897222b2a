import subprocess
import sys
import threading
import time

import pytest

from spectradb.store.locks import exclusive, shared

HOLDER = """
import sys, time
from pathlib import Path
from spectradb.store.locks import exclusive, shared
path = Path(sys.argv[2])
lock = exclusive(path) if sys.argv[1] == "exclusive" else shared(path, alone=lambda: print("alone", flush=True))
with lock:
    print("held", flush=True)
    time.sleep(60)
"""


def hold(kind, path):
    """Hold a lock in another process; return the process and what it said before it had the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, kind, str(path)], stdout=subprocess.PIPE, text=True)
    said = []
    while (line := process.stdout.readline().strip()) != "held":
        said.append(line)
    return process, said


def test_who_comes_second_waits(tmp_path):
    order = []

    def second():
        with exclusive(tmp_path / "locks" / "a.lock"):
            order.append("second")

    with exclusive(tmp_path / "locks" / "a.lock"), exclusive(tmp_path / "locks" / "b.lock"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_lock_is_free_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), exclusive(tmp_path / "a.lock"):
        raise RuntimeError
    with exclusive(tmp_path / "a.lock"):
        pass


def test_a_killed_holder_lets_go(tmp_path):
    path = tmp_path / "a.lock"
    process, _ = hold("exclusive", path)
    process.kill()
    started = time.monotonic()
    with exclusive(path):
        pass
    assert time.monotonic() - started < 10
    process.wait()


def test_only_who_is_alone_clears_up(tmp_path):
    path, cleared = tmp_path / "s.lock", []
    process, said = hold("shared", path)
    assert said == ["alone"]
    with shared(path, alone=lambda: cleared.append(1)):
        assert cleared == []
    process.kill()
    process.wait()
    with shared(path, alone=lambda: cleared.append(2)), shared(path, alone=lambda: cleared.append(3)):
        assert cleared == [2]
