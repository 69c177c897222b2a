"""On object storage, too, mistakes are taken back, and what somebody puts in the published file's place is found out."""

import json
import threading

import duckdb
import pytest
from click.testing import CliRunner
from made_files import numbered, one, published_rows
from toy_embedder import Toy, register

from spectradb.cli import main
from spectradb.facade.lab import connect
from spectradb.removal.extent import Removal
from spectradb.removal.pending import note, noted
from spectradb.store.locks import alone, shared
from spectradb.workspace.lab_address import LabAddress

pytestmark = pytest.mark.long


@pytest.fixture
def lab(address, tmp_path):
    with connect(address, create=True) as lab:
        lab.import_library("lib", numbered(tmp_path / "lib.mgf", 6))
        lab.import_study("st", numbered(tmp_path / "st.mgf", 4, prefix="Q"))
        register(Toy())
        lab.embed("toy")
        lab.identify("st", "lib", name="s", ppm=100.0)
        yield lab


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Open a lab as another machine would: with a cache of its own."""

    def opened(address):
        with monkeypatch.context() as environment:
            environment.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
            return connect(address)

    return opened


def test_removing(lab, address, elsewhere):
    told = CliRunner().invoke(main, ["remove", address, "library", "lib", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["searches"] == ["s"]
    there = elsewhere(address)
    assert one(there, "SELECT collection, count(*) FROM spectra GROUP BY ALL") == [("st", 4)]
    assert one(there, "SELECT count(*) FROM searches") == [0]
    there.remove("model", "toy")
    assert one(there, "SELECT count(*) FROM models") == [0]
    assert there.clean(older_than_days=0) > 0
    lab.close()
    assert published_rows(lab.published) == published_rows(there.published)


def test_another_machine_finishes_what_a_killed_one_had_begun(lab, address, elsewhere):
    note(lab.record, Removal("study", "st"))
    assert one(lab, "SELECT n_spectra FROM studies") == [4]
    there = elsewhere(address)
    assert one(there, "SELECT n_spectra FROM studies") == []
    assert noted(there.record) == []


def test_a_removal_waits_for_searches_of_other_machines(lab, address, elsewhere):
    there, order = elsewhere(address), []
    searching, over = threading.Event(), threading.Event()

    def search():
        with shared(there.locks / "search.lock", alone=lambda: None):
            searching.set()
            over.wait(60)
            order.append("searched")

    thread = threading.Thread(target=search)
    thread.start()
    assert searching.wait(60)
    threading.Timer(1.0, over.set).start()
    with alone(lab.locks / "search.lock"):
        order.append("alone")
    thread.join()
    assert order == ["searched", "alone"]


def test_a_changed_object_and_a_changed_working_copy_are_found_out(lab, address, elsewhere, tmp_path):
    before = published_rows(lab.published)
    lab.close()
    # A shell on this machine writes to the working copy: it is fetched again.
    lab.published.chmod(0o644)
    with duckdb.connect(str(lab.published)) as con:
        con.execute("DELETE FROM spectra")
    assert one(lab, "SELECT count(*) FROM spectra") == [10]
    lab.close()
    # Somebody puts a changed file at the address: it is built anew from the record.
    changed = tmp_path / "changed.duckdb"
    changed.write_bytes(lab.published.read_bytes())
    with duckdb.connect(str(changed)) as con:
        con.execute("DELETE FROM spectra")
    LabAddress.of(address).store.upload(changed, "lab.duckdb")
    assert one(elsewhere(address), "SELECT count(*) FROM spectra") == [10]
    assert published_rows(lab.published) == before
