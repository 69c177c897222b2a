"""Embedding on a cluster: the same lab as from one process, also when workers and callers are killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from threading import Thread
from types import SimpleNamespace

import psutil
import pyarrow as pa
import pytest
from empty_lab import empty_lab
from made_files import numbered

from spectradb.distributed import embed as on_cluster
from spectradb.distributed.parts import PartEmbedder, StoredVectors, parts_of
from spectradb.errors import BadCluster
from spectradb.facade.lab import connect
from spectradb.models.registry import embedder

pytestmark = pytest.mark.long

COLUMN = "embedding_binned"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A lab of two fragments, the second with gaps, and files to import later."""
    folder = tmp_path_factory.mktemp("template")
    with empty_lab(folder / "lab") as made:
        made.import_library("lib", numbered(folder / "lib.mgf", 150))
        made.import_study("st", numbered(folder / "st.mgf", 40, prefix="Q", first=9))
        made.record.delete("spectra", "native_id IN ('Q10', 'Q11', 'Q20', 'Q30', 'Q40', 'Q48')")
        made.publish()
    numbered(folder / "more.mgf", 30, prefix="R", first=3)
    return folder


@pytest.fixture
def lab(template, tmp_path):
    shutil.copytree(template / "lab", tmp_path / "lab")
    with connect(tmp_path / "lab") as copy:
        yield copy


@pytest.fixture
def alone(template, tmp_path):
    """The same lab, to be embedded by one process."""
    shutil.copytree(template / "lab", tmp_path / "alone")
    with connect(tmp_path / "alone") as copy:
        yield copy


def content(lab):
    """What a lab holds of its spectra and models, without what each import and run has of its own."""
    dataset = lab.record.dataset("spectra")
    (model,) = lab.record.read("models").drop(["created"]).to_pylist()
    spectra = dataset.to_table()
    return spectra.drop(["import_id"]), dataset.schema.field(COLUMN), dataset.schema.field(COLUMN).metadata, model


def assert_same(lab, alone):
    spectra, *rest = content(lab)
    expected, *rest_expected = content(alone)
    assert rest == rest_expected
    assert spectra.equals(expected)
    query = "SELECT * EXCLUDE (import_id) FROM spectra ORDER BY ALL"
    assert lab.sql(query).to_arrow_table().equals(alone.sql(query).to_arrow_table())


def part_files(lab):
    return [file for folder in lab.locks.glob("parts-binned-*") for file in folder.glob("*.arrow")]


def kill_a_worker(lab, killed):
    """Kill one process that computes vectors as soon as the first are there."""
    deadline = time.monotonic() + 60
    while not part_files(lab) and time.monotonic() < deadline:
        time.sleep(0.001)
    for process in psutil.Process().children(recursive=True):
        if process.name().startswith("ray::_Worker"):
            process.send_signal(signal.SIGKILL)
            killed.append(process.pid)
            return


def test_a_worker_killed_costs_nothing_but_time(cluster, lab, alone, template):
    killed = []
    killer = Thread(target=kill_a_worker, args=(lab, killed))
    killer.start()
    report = lab.embed(batch_size=1, ray="local")
    killer.join()
    assert len(killed) == 1
    assert report == alone.embed(batch_size=1)
    assert_same(lab, alone)
    assert list(lab.locks.glob("parts-binned-*")) == []

    # Rows that came later.
    for each in (lab, alone):
        each.import_study("st", template / "more.mgf")
    report = lab.embed(ray="auto")
    assert (report.n_embedded, report.n_present) == (30, 184)
    assert report == alone.embed()
    assert_same(lab, alone)


EMBED = """
import sys
from spectradb.facade.lab import connect
connect(sys.argv[1]).embed(batch_size=1, ray=sys.argv[2])
"""


def test_a_caller_killed_and_an_import_in_between(cluster, lab, alone, template, monkeypatch):
    ray = pytest.importorskip("ray")
    # Fewer files to write, so that the test is quick.
    for each in (lab, alone):
        each.record.delete("spectra", "collection = 'st'")
    before = content_without_model(lab)
    address = ray.get_runtime_context().gcs_address
    caller = subprocess.Popen([sys.executable, "-c", EMBED, lab.path, address], cwd=lab.path)
    deadline = time.monotonic() + 120
    while len(part_files(lab)) < 5 and caller.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(caller.pid, signal.SIGKILL)
    caller.wait()
    kept = {file: file.stat().st_mtime_ns for file in part_files(lab)}
    assert len(kept) >= 5
    assert content_without_model(lab) == before

    # The next run goes on, although spectra are imported while it writes.
    write = on_cluster._EmbeddingJobOnCluster._write_column

    def import_first(job, dataset, files):
        if "more" not in imported:
            imported.append("more")
            lab.import_study("st", template / "more.mgf")
        write(job, dataset, files)

    imported = []
    monkeypatch.setattr(on_cluster._EmbeddingJobOnCluster, "_write_column", import_first)
    monkeypatch.setattr(on_cluster, "shutil", SimpleNamespace(rmtree=lambda folder: None))
    report = lab.embed(batch_size=1, ray="local")
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    alone.import_study("st", template / "more.mgf")
    assert report == alone.embed(batch_size=1)
    assert_same(lab, alone)


def content_without_model(lab):
    dataset = lab.record.dataset("spectra")
    return dataset.version, dataset.schema, lab.record.read("models").num_rows


def embedding_of_parts(lab, folder, *, fingerprint=None, path=None):
    record = type(lab.record)(path or lab.record.path)
    known = fingerprint or embedder("binned").fingerprint
    return PartEmbedder(record, lab.record.version("spectra"), None, "binned", known, "cpu", folder)


def test_parts_keep_to_fragments(lab):
    parts = list(parts_of(lab.record.dataset("spectra"), 100))
    assert [(fragment_id, len(ids)) for fragment_id, ids in parts] == [(0, 100), (0, 50), (1, 34)]
    few = list(parts_of(lab.record.dataset("spectra"), 20, "collection = 'st'"))
    assert [(fragment_id, len(ids)) for fragment_id, ids in few] == [(1, 20), (1, 14)]


def test_a_part_is_embedded_once_and_a_torn_file_again(lab, tmp_path):
    embed = embedding_of_parts(lab, tmp_path)
    (part, *_) = parts_of(lab.record.dataset("spectra"), 20)
    file = tmp_path / embed(*part)
    made = file.stat().st_mtime_ns
    assert embed(*part) == file.name
    assert file.stat().st_mtime_ns == made
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    assert embed(*part) == file.name
    assert file.read_bytes() == whole
    # The same spectra in another order are another part.
    assert embed(part[0], part[1][::-1]) != file.name


def test_workers_that_cannot_do_it_say_why(lab, tmp_path):
    with pytest.raises(BadCluster, match=r"does not find .*elsewhere.*storage that all machines of the cluster reach"):
        embedding_of_parts(lab, tmp_path, path=tmp_path / "elsewhere")
    with pytest.raises(BadCluster, match=r"does not find .*missing"):
        embedding_of_parts(lab, tmp_path / "missing")
    with pytest.raises(BadCluster, match="another version of the model binned"):
        embedding_of_parts(lab, tmp_path, fingerprint="0" * 64)


def test_vectors_that_are_missing_are_not_written(lab, tmp_path):
    embed = embedding_of_parts(lab, tmp_path)
    (part, *_) = parts_of(lab.record.dataset("spectra"), 2)
    schema = pa.schema([pa.field(COLUMN, pa.list_(pa.float16(), 512))])
    stored = StoredVectors(tmp_path, {0: [embed(*part)]}, schema)
    first, second = part[1].tolist()
    batch = pa.record_batch({"spectrum_id": [second, first], "_rowaddr": pa.array([1, 0], pa.uint64())})
    both = stored(batch).column(0).to_pylist()
    assert stored(batch.slice(2)).num_rows == 0
    assert both[0] != both[1]
    assert stored(batch.slice(1)).column(0).to_pylist() == both[1:]
    with pytest.raises(BadCluster, match="vectors of fragment 0 are missing"):
        stored(pa.record_batch({"spectrum_id": [-1], "_rowaddr": pa.array([0], pa.uint64())}))
