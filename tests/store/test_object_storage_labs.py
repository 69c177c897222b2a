"""Labs on object storage: made through the commands, equal to one on disk, shared by machines."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import s3_server
from click.testing import CliRunner
from made_files import numbered, one, published_rows
from tiny_lab import write_files

from spectradb.cli import main
from spectradb.errors import LabExists, NoLab, StorageUnreachable
from spectradb.facade.lab import connect
from spectradb.facade.queries import Queries
from spectradb.models import adding
from spectradb.store.record_schema import table_schema
from spectradb.store.s3 import object_store
from spectradb.store.s3.object_store import ObjectStore
from spectradb.workspace.lab_address import LabAddress

pytestmark = pytest.mark.long

TEMPLATE = "s3://template/labs/tiny"


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def template(s3_process, tmp_path_factory):
    """The lab of tests/made/tiny_lab.py, made wholly by commands; read it only."""
    folder = tmp_path_factory.mktemp("template")
    write_files(folder)
    s3_process.make_bucket("template")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in s3_process.environment.items():
            environment.setenv(name, value)
        environment.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        done("init", TEMPLATE)
        done("import-library", TEMPLATE, "reference", folder / "reference.msp", "--origin", "made up", "--licence", "CC0")
        files = [folder / "coffee_1.mgf", folder / "lemon_1.mgf"]
        done("import-study", TEMPLATE, "kitchen", *files, "--samples", folder / "samples.csv")
        done("embed", TEMPLATE, "--model", "binned")
        done("identify", TEMPLATE, "--study", "kitchen", "--library", "reference", "--name", "first")
    return folder


@pytest.fixture
def lab(template, s3, address):
    """A copy of it for one test, as one would copy it with any tool for S3."""
    (there, here) = (LabAddress.of(place).store for place in (TEMPLATE, address))
    for key in there.list(""):
        content = there.read(key.key)[0]
        assert here.create(key.key, content)
    return address


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Open a lab as another machine would: with a cache of its own."""

    def opened(address):
        with monkeypatch.context() as environment:
            environment.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
            return connect(address)

    return opened


def wipe(address):
    store = LabAddress.of(address).store
    for found in store.list(""):
        store.delete(found.key)


def test_it_is_the_lab_that_the_same_work_makes_on_disk(template, s3, tiny_lab, tmp_path):
    with connect(TEMPLATE) as lab:
        assert published_rows(lab.published) == published_rows(tiny_lab.published)
        assert repr(lab) == f"Lab('{TEMPLATE}')"
        query = "SELECT query_id, rank, name, score FROM hits INNER JOIN analytes USING (analyte_id) ORDER BY ALL"
        assert lab.sql(query).fetchall() == tiny_lab.sql(query).fetchall()
        spectrum = ([86.0964, 132.1019], [1000.0, 90.0], 132.1019)
        assert lab.search(*spectrum, library="reference") == tiny_lab.search(*spectrum, library="reference")
        assert not (lab.path / "lance").exists()
    names = {"lab.duckdb", "lab.id", "lance", "locks"}
    assert LabAddress.of(TEMPLATE).store.names() == names
    told = json.loads(done("info", TEMPLATE, "--json"))
    assert [row["name"] for row in told["libraries"] + told["studies"]] == ["reference", "kitchen"]
    assert json.loads(done("sql", TEMPLATE, "SELECT count(*) AS n FROM spectra", "--json")) == [{"n": 16}]
    for place, file in ((TEMPLATE, "there.csv"), (tiny_lab.path, "here.csv")):
        done("export", place, "identifications", tmp_path / file)
    assert (tmp_path / "there.csv").read_text() == (tmp_path / "here.csv").read_text()


def test_a_plain_shell_reads_the_working_copy_which_is_the_published_object(template, s3):
    told = json.loads(done("init", TEMPLATE, "--json"))
    assert told["lab"] == TEMPLATE
    with duckdb.connect(told["published"], read_only=True) as con:
        assert con.execute("SELECT n_spectra FROM libraries").fetchall() == [(9,)]
    assert LabAddress.of(TEMPLATE).store.read("lab.duckdb")[0] == Path(told["published"]).read_bytes()


def test_an_unchanged_lab_is_fetched_once(template, s3):
    def fetched():
        return sum(line.startswith("GET /template/labs/tiny/lab.duckdb") for line in s3.requests())

    before, counts = fetched(), []
    for _ in range(2):
        with connect(TEMPLATE) as lab:
            assert one(lab, "SELECT count(*) FROM spectra") == [16]
            n_parts = -(-lab.published.stat().st_size // object_store._PART_BYTES)
        counts.append(fetched() - before)
    assert counts == [n_parts, n_parts]


def test_what_one_machine_publishes_the_other_sees(lab, elsewhere, tmp_path):
    here, there = connect(lab), elsewhere(lab)
    assert here.path != there.path
    assert one(here, "FROM (SELECT name FROM libraries)") == one(there, "FROM (SELECT name FROM libraries)") == ["reference"]
    here.import_library("more", numbered(tmp_path / "m.mgf", 4))
    assert one(there, "SELECT count(*) FROM spectra") == [16], "an open connection keeps its snapshot"
    there.close()
    assert one(there, "SELECT count(*) FROM spectra") == [20]
    # Published there: what only this machine has filled is copied from what the other published.
    assert there.import_library("more", tmp_path / "m.mgf").unchanged
    done = there.publish()
    assert done.filled == ()
    there.record.delete("searches", "search_id = 'first'")
    done = there.publish()
    assert (*done.filled, *done.changed) == ("searches", "hits")
    here.close()
    assert one(here, "SELECT count(*) FROM searches") == [0]
    assert published_rows(here.published) == published_rows(there.published)


def at_once(*calls):
    """Call functions in threads of their own; return what they returned."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(120) for future in [pool.submit(call) for call in calls]]


def test_machines_that_import_at_once(lab, elsewhere, tmp_path):
    """Two the same file, and one of them another file besides."""
    same, other = numbered(tmp_path / "a.mgf", 300), numbered(tmp_path / "b.mgf", 300, prefix="T")
    calls = [(connect(lab), "same", same), (elsewhere(lab), "same", same), (elsewhere(lab), "other", other)]
    reports = at_once(*(partial(machine.import_library, name, file) for machine, name, file in calls))
    assert sorted(report.unchanged for report in reports) == [False, False, True]
    with connect(lab) as opened:
        found = one(opened, "SELECT name, n_spectra FROM libraries ORDER BY name")
        assert found == [("other", 300), ("reference", 9), ("same", 300)]
        assert one(opened, "SELECT count(*) - count(DISTINCT spectrum_id) FROM spectra") == [0]
        assert opened.publish().filled == ()


def test_rows_that_machines_append_at_once_are_all_kept(lab, elsewhere):
    records = [connect(lab).record, elsewhere(lab).record]

    def append(record, i):
        for j in range(3):
            row = {"name": [f"note {i} {j}"], "value": ["x"]}
            record.append("properties", pa.table(row, schema=table_schema("properties")))

    at_once(*(partial(append, record, i) for i, record in enumerate(records * 2)))
    assert records[0].read("properties", where="name LIKE 'note%'").num_rows == 12


PUBLISH = """
import sys
from spectradb.facade.lab import connect
from spectradb.store.s3 import object_store
object_store._PART_BYTES = 1 << 20  # too small for S3, but this upload never comes to its end
lab = connect(sys.argv[1])
print("begun", flush=True)
lab.publish(rebuild=True)
"""


def parts_sent(s3):
    return sum("partNumber=" in line for line in s3.requests())


def test_a_killed_upload_leaves_the_former_file(lab, s3):
    former = LabAddress.of(lab).store.head("lab.duckdb")
    assert former.size > 1 << 20, "the file goes in parts"
    with connect(lab) as opened:
        rows = published_rows(opened.published)
    with s3.holding_parts():
        process = subprocess.Popen([sys.executable, "-c", PUBLISH, lab], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "begun\n"
        n = parts_sent(s3)
        while parts_sent(s3) == n and process.poll() is None:
            time.sleep(0.02)
        process.kill()
        assert process.wait() == -9
        process.stdout.close()
        assert LabAddress.of(lab).store.head("lab.duckdb") == former
        with connect(lab) as opened:
            assert published_rows(opened.published) == rows
    with connect(lab) as opened:
        assert set(opened.publish(rebuild=True).copied) == set()
        assert published_rows(opened.published) == rows
        assert sorted(file.name for file in opened.path.glob("lab.duckdb*")) == ["lab.duckdb", "lab.duckdb.source"]


def test_an_upload_that_fails_is_made_up_for_by_the_next(lab, monkeypatch):
    with connect(lab) as opened:
        opened.record.delete("searches", "search_id = 'first'")
        with monkeypatch.context() as failing:
            failing.setattr(ObjectStore, "upload", lambda *_: (_ for _ in ()).throw(StorageUnreachable("gone")))
            with pytest.raises(StorageUnreachable):
                opened.publish()
        assert one(opened, "SELECT count(*) FROM searches") == [1]
        done = opened.publish()
        assert (*done.filled, *done.changed) == ("searches", "hits")
        assert one(opened, "SELECT count(*) FROM searches") == [0]


def test_a_lab_made_again_at_an_address_takes_nothing_from_the_former(lab, elsewhere):
    here = connect(lab)
    assert one(here, "SELECT count(*) FROM spectra") == [16]
    here.close()
    (here.locks / "embed-binned-0-4096-3.sqlite").write_text("a checkpoint")
    wipe(lab)
    with pytest.raises(NoLab, match=f"{lab} is no lab. Make one with `spectradb init {lab}`"):
        connect(lab)
    again = connect(lab, create=True)
    assert one(again, "SELECT count(*) FROM spectra") == [0]
    LabAddress.of(lab).store.delete("lab.duckdb")
    again.close()
    with pytest.raises(NoLab, match=f"{lab} was never published. Run `spectradb publish {lab}`"):
        again.info()
    again.publish()
    assert not list(again.locks.glob("*.sqlite"))
    assert elsewhere(lab).publish().filled == ()


def test_models_of_a_lab_go_with_it(lab, elsewhere, monkeypatch):
    def add(folder, name, *_, **__):
        folder.path.mkdir(exist_ok=True)
        for suffix in ("onnx", "json"):
            (folder.path / f"{name}.{suffix}").write_text("made up")

    monkeypatch.setattr(adding, "add_model", add)
    assert "not readable JSON" in str(connect(lab).add_model("theirs", "theirs.onnx").problem)
    there = elsewhere(lab)
    assert "theirs" in there.embedders.names()
    assert (there.path / "models" / "theirs.onnx").read_text() == "made up"
    there.remove_model("theirs")
    assert "theirs" not in connect(lab).embedders.names()
    assert "models" not in LabAddress.of(lab).store.names()


def test_cleaning(lab):
    with connect(lab) as opened:
        spectra = opened.record.read("spectra")
        assert opened.clean(older_than_days=0) > 0
        assert opened.record.read("spectra") == spectra
        assert opened.publish().filled == ()


# Errors

ERRORS = {
    "no lab": (["info", "{0}"], {}, "spectradb init s3://"),
    "no lab for sql": (["sql", "{0}", "SELECT 1"], {}, "spectradb init s3://"),
    "no bucket": (["init", "s3://nobody-made-this/lab"], {}, "Create the bucket"),
    "wrong key": (["init", "{0}"], {"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_SECRET_ACCESS_KEY"),
    "unreachable": (["info", "{0}"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached"),
    "other storage": (["init", "gs://bucket/lab"], {}, "s3://bucket/path"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_error_is_one_line_with_its_remedy(case, address, monkeypatch):
    arguments, variables, remedy = ERRORS[case]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = run(*(text.format(address) for text in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert remedy in result.stderr
    assert "rust" not in result.stderr.lower()


def test_who_may_only_read_can_ask_and_is_told_when_asking_for_more(template, s3, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.READER)
    assert json.loads(done("sql", TEMPLATE, "SELECT count(*) AS n FROM spectra", "--json")) == [{"n": 16}]
    assert "first" in done("info", TEMPLATE)
    result = run("identify", TEMPLATE, "--study", "kitchen", "--library", "reference")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(f"Error: {TEMPLATE}: {s3.endpoint} refused access (AccessDenied). Check AWS_ACCESS_KEY_ID")


def test_a_failure_in_the_middle_of_a_verb_is_told_as_plainly(template, s3, monkeypatch):
    """As Lance raises it from a data set that was opened while all was well."""

    def fail(*_, **__):
        raise OSError("LanceError(IO): Generic S3 error: Error performing GET http://x - HTTP error: error sending request")

    monkeypatch.setattr(Queries, "info", fail)
    result = run("info", TEMPLATE)
    assert result.exit_code == 1
    remedy = "Check AWS_ENDPOINT_URL and the network, then run the command again."
    assert result.stderr == f"Error: {TEMPLATE}: {s3.endpoint} cannot be reached. {remedy}\n"


def test_a_lab_is_not_made_among_other_objects(address):
    LabAddress.of(address).store.create("thesis.txt", b"mine")
    with pytest.raises(LabExists, match=r"tiny holds other files \(thesis\.txt\)"):
        connect(address, create=True)
    assert LabAddress.of(address).store.names() == {"thesis.txt"}
