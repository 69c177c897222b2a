"""A server follows what is published, is started by a command, says what it means to be reached, and ends soon."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from asking import ask
from click.testing import CliRunner
from empty_lab import empty_lab
from tiny_lab import LIBRARY_MSP

from spectradb.cli import main
from spectradb.errors import BadParameter, MissingDependency, NoLab
from spectradb.search.resident.search import _key
from spectradb.server import run
from spectradb.server.access import token_of
from spectradb.server.limits import Limits
from spectradb.server.served_lab import ServedState
from spectradb.workspace.lab_files import LabFiles

TOKEN = "a-token-of-thirty-one-letters.."
PROGRAM = "from spectradb.cli.program import program; program()"
SPECTRUM = {"mz": [110.0713, 138.0662], "intensity": [20, 100], "precursor_mz": 195.0877, "ion_mode": "positive"}


def wait_until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_shows_what_is_published_and_answers_under_way_end_on_what_they_began_with(tmp_path):
    lab = empty_lab(tmp_path / "lab")
    (tmp_path / "library.msp").write_text(LIBRARY_MSP)
    with lab.serve(port=0) as server:
        assert ask(server, "/status").rows[0]["n_libraries"] == 0
        assert ask(server, "/search", {"library": "reference", "spectra": [SPECTRUM]}).status == 404
        before = server._lab.current
        lab.import_library("reference", tmp_path / "library.msp", origin="made up", licence="CC0")
        lab.embed("binned")
        wait_until(lambda: ask(server, "/status").rows[0]["n_models"] == 1)
        (answer,) = ask(server, "/search", {"library": "reference", "spectra": [SPECTRUM]}).json["answers"]
        assert [row["name"] for row in answer["candidates"]] == ["Caffeine"]
        assert before.engine.rows("SELECT count(*) FROM spectra").rows == [(0,)]
    lab.close()


def test_a_library_that_has_not_changed_is_not_read_again(tiny_lab):
    before = ServedState(tiny_lab.published, tiny_lab.embedders, Limits())
    before.warm_up()
    after = ServedState(tiny_lab.published, tiny_lab.embedders, Limits())
    after.warm_up(before)
    assert after.facts("reference") is before.facts("reference")
    key = _key("reference", "binned")
    assert after.opened.kept(key, list) is before.opened.kept(key, dict)
    before.digests["reference"] = "another"
    later = ServedState(tiny_lab.published, tiny_lab.embedders, Limits())
    later.warm_up(before)
    assert later.facts("reference") is not before.facts("reference")


def test_a_file_that_cannot_be_opened_leaves_the_state_before(tmp_path, caplog):
    lab = empty_lab(tmp_path / "lab")
    with lab.serve(port=0) as server:
        beside = lab.path / "lab.duckdb.damaged"
        beside.write_bytes(b"no database" * 1000)
        beside.replace(lab.path / "lab.duckdb")
        wait_until(lambda: "the state before is still shown" in caplog.text)
        assert ask(server, "/status").status == 200
    lab.close()


def test_the_command_serves_until_a_signal_ends_it_within_two_seconds(tiny_lab, tmp_path):
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    call = [
        sys.executable,
        "-c",
        PROGRAM,
        "serve",
        str(tiny_lab.path),
        "--port",
        "0",
        "--token-file",
        str(tmp_path / "token"),
        "--json",
    ]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    told = json.loads(process.stdout.readline())
    assert (told["token"], told["warnings"]) == (None, [])

    class Server:
        address, token = told["address"], TOKEN

    assert ask(Server, "/status").rows[0]["n_library_spectra"] == 9
    long = {"query": "SELECT sum(a.range * b.range) FROM range(10_000_000) AS a, range(1_000_000) AS b"}

    def ask_until_it_ends():
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(Server, "/sql", long)

    busy = threading.Thread(target=ask_until_it_ends)
    busy.start()
    time.sleep(0.3)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - begin < 2
    assert (process.returncode, said) == (143, "terminated: what is stored stays; the same command goes on from there\n")
    busy.join()


def test_the_command_says_the_token_that_it_made_and_what_another_host_means(tiny_lab, monkeypatch):
    monkeypatch.delenv("SPECTRADB_TOKEN", raising=False)
    monkeypatch.setattr(run.RunningServer, "wait", lambda server: None)
    call = ["serve", str(tiny_lab.path), "--port", "0"]
    here = CliRunner().invoke(main, call)
    first, second = here.stdout.splitlines()
    assert first.startswith(f"{tiny_lab.path} is served at http://127.0.0.1:")
    assert second.startswith("token: ")
    assert len(second) > 40
    everywhere = CliRunner().invoke(main, [*call, "--host", "0.0.0.0"])
    assert "warning: other machines can reach it, and without TLS all who share the network can read" in everywhere.stderr
    monkeypatch.setenv("SPECTRADB_TOKEN", TOKEN)
    assert "token" not in CliRunner().invoke(main, call).output
    assert CliRunner().invoke(main, [*call, "--quiet"]).output == ""


def test_tokens(tmp_path, monkeypatch):
    monkeypatch.delenv("SPECTRADB_TOKEN", raising=False)
    made = {token_of(None) for _ in range(3)}
    assert len(made) == 3
    assert {was_made for _, was_made in made} == {True}
    (tmp_path / "token").write_text(f"  {TOKEN}\n")
    assert token_of(tmp_path / "token") == (TOKEN, False)
    monkeypatch.setenv("SPECTRADB_TOKEN", TOKEN)
    assert token_of(None) == (TOKEN, False)
    for short in ("", "short", "a token with a space in it", "a-token-with-an-ü-in-it"):
        monkeypatch.setenv("SPECTRADB_TOKEN", short)
        with pytest.raises(BadParameter, match="at least 16 visible ASCII characters"):
            token_of(None)
    with pytest.raises(BadParameter, match="absent cannot be read as a token"):
        token_of(tmp_path / "absent")


def test_answers_wait_for_no_acknowledgement():
    with run._listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_where_it_cannot_listen_it_says_so(tiny_lab, tmp_path):
    with tiny_lab.serve(port=0) as server, pytest.raises(BadParameter, match="Choose another port or host"):
        tiny_lab.serve(port=int(server.address.rpartition(":")[2]))
    with pytest.raises(BadParameter, match="TLS needs a certificate and its key"):
        tiny_lab.serve(port=0, certificate=tmp_path / "certificate.pem")
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(BadParameter, match=r"no\.pem and its key cannot be used"):
        tiny_lab.serve(port=0, certificate=tmp_path / "no.pem", key=tmp_path / "no.pem")


def test_what_is_no_lab_is_not_served(tmp_path):
    with pytest.raises(NoLab, match="never published"):
        run.ServedLab(LabFiles(tmp_path), run.Limits())


def test_without_its_packages_the_extra_is_named(tiny_lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingDependency, match=r"spectradb\[server\]"):
        tiny_lab.serve(port=0)


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.9.9.9", True),
        ("0.0.0.0", False),
        ("::", False),
        ("x", False),
    ],
)
def test_which_hosts_only_this_machine_reaches(host, alone):
    assert run.is_loopback(host) == alone
