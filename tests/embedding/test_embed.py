import hashlib
import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from empty_lab import empty_lab
from made_files import numbered, one, published_rows
from toy_embedder import Toy, register

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedding import embed as embed_module
from spectradb.errors import BadParameter, ModelChanged, NoModel, NoSpectra
from spectradb.facade.lab import connect
from spectradb.models import registry


@pytest.fixture(autouse=True)
def _own_embedders(monkeypatch):
    """Embedders that a test registers are unknown to the next."""
    monkeypatch.setattr(registry, "FACTORIES", dict(registry.FACTORIES))
    yield
    registry.embedder.cache_clear()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A lab with 50 spectra."""
    directory = tmp_path_factory.mktemp("template")
    with empty_lab(directory / "lab") as made:
        made.import_library("lib", numbered(directory / "lib.mgf", 50))
    return directory


@pytest.fixture
def lab(template, tmp_path):
    """A copy of it for one test, beside the files it was made from."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy


def column(lab, model):
    """Vectors of the record by spectrum_id."""
    table = lab.record.read("spectra", columns=["spectrum_id", f"embedding_{model}"])
    return dict(zip(table["spectrum_id"].to_pylist(), table[f"embedding_{model}"].to_pylist(), strict=True))


def embedded_directly(lab, model):
    """What the model gives for the stored spectra, in half precision."""
    table = lab.record.read("spectra").combine_chunks()
    inputs = {name: table[name].combine_chunks() for name in ("mz", "intensity", "precursor_mz", "ion_mode")}
    vectors = model.embed(PeakBatch.from_arrow(**inputs)).astype(np.float16)
    return {key: [float(x) for x in vector] for key, vector in zip(table["spectrum_id"].to_pylist(), vectors, strict=True)}


def test_a_column_in_half_precision_appears(lab):
    report = lab.embed(batch_size=20)
    assert (report.model, report.dimension, report.n_embedded, report.n_present) == ("binned", 512, 50, 0)
    assert report.lines() == ["binned: 50 spectra embedded in 512 dimensions, 0 already present"]
    assert report.as_dict() == {"model": "binned", "dimension": 512, "embedded": 50, "present": 0, "structures": 0, "notes": []}
    field = lab.record.dataset("spectra").schema.field("embedding_binned")
    assert field.type == pa.list_(pa.float16(), 512)
    assert column(lab, "binned") == embedded_directly(lab, registry.embedder("binned"))
    assert one(lab, "SELECT typeof(embedding_binned), count(*) FROM spectra GROUP BY ALL") == [("FLOAT[512]", 50)]
    published = dict(lab.sql("SELECT spectrum_id, embedding_binned FROM spectra").fetchall())
    for key, stored in column(lab, "binned").items():
        np.testing.assert_allclose(published[key], np.array(stored) / np.linalg.norm(stored), rtol=1e-6)
    assert one(lab, "SELECT count(*) FROM vectors.lib__binned") == [50]
    (model,) = one(lab, "SELECT name, kind, dimension, fingerprint FROM models")
    assert model == ("binned", "hash", 512, registry.embedder("binned").fingerprint)


def test_sql_embeds_as_the_column_does(lab):
    lab.embed()
    query = "SELECT count(*) FROM spectra WHERE embed(mz, intensity, precursor_mz, ion_mode) = embedding_binned"
    assert one(lab, query) == [50]


@pytest.mark.parametrize("batch_size", [1, 7, 50, 4096])
def test_the_batch_size_does_not_matter(lab, batch_size):
    toy = Toy()
    register(toy)
    lab.embed("toy", batch_size=batch_size)
    assert sum(toy.batches) == 50
    assert max(toy.batches) == min(batch_size, 50)
    assert column(lab, "toy") == embedded_directly(lab, Toy())


def test_only_new_spectra_are_embedded(lab, tmp_path):
    register(toy := Toy())
    lab.embed("toy")
    before = column(lab, "toy")
    assert lab.embed("toy").n_embedded == 0
    assert toy.batches == [50]
    lab.import_study("st", numbered(tmp_path / "st.mgf", 30, prefix="Q", first=9))
    assert one(lab, "SELECT collection, count(embedding_toy) FROM spectra GROUP BY ALL ORDER BY ALL") == [
        ("lib", 50),
        ("st", 0),
    ]
    report = lab.embed("toy", batch_size=16)
    assert (report.n_embedded, report.n_present) == (30, 50)
    assert sum(toy.batches) == 80
    assert column(lab, "toy") == embedded_directly(lab, Toy())
    assert column(lab, "toy").items() >= before.items()


def test_later_spectra_are_committed_in_chunks(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(embed_module, "_CHUNK", 10)
    register(toy := Toy())
    lab.embed("toy")
    lab.import_study("st", numbered(tmp_path / "st.mgf", 35, prefix="Q", first=9))
    version = lab.record.version("spectra")
    assert lab.embed("toy", batch_size=5).n_embedded == 35
    assert toy.batches == [50] + [5] * 7
    assert lab.record.version("spectra") == version + 4
    assert column(lab, "toy") == embedded_directly(lab, Toy())


def test_refill_embeds_all_anew(lab):
    register(Toy())
    lab.embed("toy")
    first = column(lab, "toy")
    register(toy := Toy())
    report = lab.embed("toy", refill=True)
    assert (report.n_embedded, report.n_present, toy.batches) == (50, 0, [50])
    assert column(lab, "toy") == first


def test_the_table_of_models_tells_what_the_card_tells(lab):
    register(Toy("plain"), first := Toy("trained"))
    first.card = {"name": "trained", "data": {"spectra": 3}, "training": {"seed": 1}, "limits": "few", "metrics": {}}
    lab.embed("plain")
    lab.embed("trained")
    query = "SELECT name, training_data, metrics, created FROM models ORDER BY ALL"
    plain, trained = one(lab, query)
    assert plain[:3] == ("plain", None, None)
    assert json.loads(trained[1]) == {"data": {"spectra": 3}, "training": {"seed": 1}, "limits": "few"}
    assert trained[2] is None
    first.card = first.card | {"metrics": {"dev_contributors": {"top_1": 0.5}}}
    assert lab.embed("trained").n_embedded == 0
    after = one(lab, query)
    assert after[0] == plain
    assert (after[1][:2], after[1][3]) == (trained[:2], trained[3])
    assert json.loads(after[1][2]) == {"dev_contributors": {"top_1": 0.5}}
    assert one(lab, "SELECT json_extract(training_data, '$.data.spectra')::INTEGER FROM models WHERE name = 'trained'") == [3]


def test_a_changed_model_is_refused_until_refilled(lab, tmp_path):
    register(old := Toy())
    lab.embed("toy")
    before = published_rows(lab.published)
    register(new := Toy(version=2))
    with pytest.raises(ModelChanged) as raised:
        lab.embed("toy")
    for part in ("toy", old.fingerprint[:12], new.fingerprint[:12], "--refill"):
        assert part in str(raised.value)
    assert new.batches == []
    assert published_rows(lab.published) == before
    lab.embed("toy", refill=True)
    assert column(lab, "toy") == embedded_directly(lab, Toy(version=2))
    assert one(lab, "SELECT name, fingerprint FROM models") == [("toy", new.fingerprint)]
    assert lab.embed("toy").n_embedded == 0


def test_a_column_remembers_its_model_when_nothing_else_does(lab):
    """As after a kill between filling the column and noting the model."""
    register(Toy())
    lab.embed("toy")
    lab.record.delete("models", "name = 'toy'")
    lab.publish()
    assert one(lab, "FROM models") == []
    register(Toy(version=2))
    with pytest.raises(ModelChanged):
        lab.embed("toy")
    register(toy := Toy())
    assert lab.embed("toy").n_embedded == 0
    assert toy.batches == []
    assert one(lab, "SELECT name FROM models") == ["toy"]
    assert one(lab, "SELECT count(embedding_toy) FROM spectra") == [50]


def test_models_side_by_side(lab):
    register(Toy("one", dimension=4), Toy("two", dimension=6))
    for model in ("one", "two", "binned"):
        lab.embed(model)
    assert one(lab, "SELECT name, dimension FROM models ORDER BY ALL") == [("binned", 512), ("one", 4), ("two", 6)]
    for model, dimension in (("one", 4), ("two", 6)):
        assert column(lab, model) == embedded_directly(lab, Toy(model, dimension=dimension))
        assert one(lab, f"SELECT DISTINCT typeof(embedding) FROM vectors.lib__{model}") == [f"FLOAT[{dimension}]"]


def test_a_lab_whose_default_model_is_unknown_here_opens(lab, tmp_path):
    register(Toy())
    lab.embed("toy")
    del registry.FACTORIES["toy"]
    registry.embedder.cache_clear()
    with connect(lab.path) as opened:
        assert opened.default_model == "toy"
        assert one(opened, "SELECT count(*) FROM vectors.lib__default") == [50]
        with pytest.raises(duckdb.CatalogException, match="embed"):
            opened.sql("SELECT embed(mz, intensity, precursor_mz, ion_mode) FROM spectra")


def test_nothing_to_embed(fresh_lab):
    with pytest.raises(NoSpectra, match=r"the lab holds no spectra to embed. Import a library or a study first."):
        fresh_lab.embed()


def test_unknown_model(lab):
    with pytest.raises(NoModel, match=r"no embedder is named 'dreams'\. For DreaMS get .*: binned"):
        lab.embed("dreams")


@pytest.mark.parametrize("device", ["cuda", "cuda:3"])
def test_cuda_without_a_gpu(lab, device, monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    with pytest.raises(BadParameter, match=f"device '{device}' is absent: PyTorch sees 0 CUDA devices here; pass device='cpu'"):
        lab.embed(device=device)
    assert "embedding_binned" not in lab.record.dataset("spectra").schema.names
    assert lab.embed().n_embedded == 50


def test_unknown_device(lab):
    with pytest.raises(BadParameter, match="device 'tpu' is not one of cpu, cuda, cuda:<number>"):
        lab.embed(device="tpu")


@pytest.mark.parametrize("batch_size", [0, -5])
def test_batches_must_hold_something(lab, batch_size):
    with pytest.raises(BadParameter, match=f"batch size {batch_size} must be at least 1"):
        lab.embed(batch_size=batch_size)


# Killed and resumed

DYING = textwrap.dedent("""
    import sys
    sys.path.insert(0, sys.argv[2])
    from toy_embedder import Toy, register
    from spectradb.facade.lab import connect
    register(Toy(dies_after=3))
    connect(sys.argv[1]).embed("toy", batch_size=10)
""")


def killed_after_three_batches(lab):
    command = [sys.executable, "-c", DYING, str(lab.path), str(Path(__file__).parents[1] / "made")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -9


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_killed_run_is_resumed_batch_by_batch(lab):
    before = lab.record.dataset("spectra").schema, digest(lab.published)
    killed_after_three_batches(lab)
    assert (lab.record.dataset("spectra").schema, digest(lab.published)) == before
    register(toy := Toy())
    report = lab.embed("toy", batch_size=10)
    assert toy.batches == [10, 10]
    assert report.n_embedded == 50
    assert column(lab, "toy") == embedded_directly(lab, Toy())
    assert list(lab.locks.glob("embed-*")) == []


def test_a_journal_goes_that_a_run_killed_after_its_last_commit_left(lab):
    register(Toy())
    lab.embed("toy")
    journal = lab.locks / f"embed-toy-{Toy().fingerprint[:16]}"
    left = [journal.with_name(journal.name + suffix) for suffix in (".keys", ".vectors")]
    for file in left:
        file.touch()
    assert lab.embed("toy").n_embedded == 0
    assert [file for file in left if file.exists()] == []


def test_a_killed_run_is_resumed_after_an_import(lab, tmp_path):
    killed_after_three_batches(lab)
    lab.import_study("st", numbered(tmp_path / "st.mgf", 15, prefix="Q", first=9))
    register(toy := Toy())
    assert lab.embed("toy", batch_size=10).n_embedded == 65
    assert toy.batches == [10, 10, 10, 5]
    assert column(lab, "toy") == embedded_directly(lab, Toy())


@pytest.mark.parametrize("change", ["batch size", "deleted rows", "another column"])
def test_what_still_fits_is_resumed(lab, change):
    killed_after_three_batches(lab)
    register(toy := Toy(), Toy("other"))
    if change == "deleted rows":
        lab.record.delete("spectra", "native_id IN ('S3', 'S45')")
    elif change == "another column":
        lab.embed("other")
    lab.embed("toy", batch_size=7 if change == "batch size" else 10)
    assert sum(toy.batches) == (19 if change == "deleted rows" else 20)
    assert column(lab, "toy") == embedded_directly(lab, Toy())
    assert list(lab.locks.glob("embed-*")) == []


def test_another_version_of_the_model_is_not_resumed(lab):
    killed_after_three_batches(lab)
    register(toy := Toy(version=2))
    lab.embed("toy", batch_size=10)
    assert sum(toy.batches) == 50
    assert column(lab, "toy") == embedded_directly(lab, Toy(version=2))
    assert list(lab.locks.glob("embed-*")) == []


def test_spectra_that_another_import_brought_anew_are_not_resumed(lab, tmp_path):
    killed_after_three_batches(lab)
    for table in ("spectra", "imports", "import_log", "libraries"):
        lab.record.delete(table, "true")
    lab.import_library("lib", numbered(tmp_path / "fewer.mgf", 50, n_peaks=3))  # the same identifiers, other peaks
    register(toy := Toy())
    lab.embed("toy", batch_size=10)
    assert toy.batches == [10] * 5
    assert column(lab, "toy") == embedded_directly(lab, Toy())


def test_an_import_that_comes_in_between_costs_only_its_own_spectra(lab, tmp_path):
    later = numbered(tmp_path / "later.mgf", 20, prefix="L", first=9)

    command = "from spectradb.cli import main; main()"
    importing = [sys.executable, "-c", command, "import-library", str(lab.path), "later", str(later), "-q"]

    class Interrupted(Toy):
        def embed(self, batch, *, device="cpu"):
            if len(self.batches) == 2:
                subprocess.run(importing, check=True)
            return super().embed(batch, device=device)

    register(toy := Interrupted())
    assert lab.embed("toy", batch_size=10).n_embedded == 70
    assert toy.batches == [10] * 7
    assert column(lab, "toy") == embedded_directly(lab, Toy())
