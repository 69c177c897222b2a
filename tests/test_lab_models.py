"""Models that belong to a lab: adding, using, replacing and removing them, from Python, SQL and the command line."""

import http.server
import json
import shutil
import threading

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from exported_models import DIMENSION, SETTINGS, reference_vector, write_onnx, write_settings, write_torchscript
from made_files import entry, one, write_mgf

from spectradb.cli import main
from spectradb.encoder.checkpoint import FORMAT as ENCODER_FORMAT
from spectradb.encoder.checkpoint import save_checkpoint
from spectradb.encoder.dreams import download
from spectradb.encoder.model_folder import ENCODER_FORMAT as FORMAT_WITHOUT_TORCH
from spectradb.encoder.transformer import ModelConfig, SpectrumEncoder
from spectradb.errors import (
    BadModel,
    BadParameter,
    MissingDependency,
    ModelChanged,
    NoModel,
    SpectraDBError,
    UnreadableFile,
    UntrustedModel,
)
from spectradb.lab import connect
from spectradb.store.connection import open_published

MZ, INTENSITY, PRECURSOR = [70.5, 110.25, 140.0], [10.0, 100.0, 40.0], 200.0
FROM_SQL = f"SELECT embed_{{}}({MZ}, {INTENSITY}, {PRECURSOR}, 'positive')"


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """Trust is kept in a directory of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A lab with a library and a study."""
    folder = tmp_path_factory.mktemp("models")
    library = [entry(f"L{i}", seed=i, precursor_mz=200.0, smiles="C" * (i + 1) + "O") for i in range(6)]
    study = [entry("Q1", seed=2), entry("Q2", seed=4), entry("Q3", seed=5, ion_mode="negative")]
    with connect(folder / "lab", create=True) as lab:
        lab.import_library("here", write_mgf(folder / "here.mgf", *library))
        lab.import_study("there", write_mgf(folder / "there.mgf", *study))
    return folder


@pytest.fixture
def lab(template, tmp_path):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(lab):
    folder = lab.path / "models"
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def written(lab, kind="onnx", **settings):
    """A model outside the lab."""
    (lab.path.parent / "made").mkdir(exist_ok=True)
    write, suffix = (write_onnx, "onnx") if kind == "onnx" else (write_torchscript, "pt")
    return write(lab.path.parent / "made" / f"theirs.{suffix}", settings={**SETTINGS, **settings})


def encoder(lab, name="theirs"):
    """A small encoder of spectradb."""
    (lab.path.parent / "made").mkdir(exist_ok=True)
    config = ModelConfig(n_peaks=24, width=32, n_layers=1, n_heads=4, dimension=8, n_wavelengths=8, hash_dimension=16)
    torch.manual_seed(0)
    file = lab.path.parent / "made" / f"{name}.safetensors"
    save_checkpoint(file, SpectrumEncoder(config), {"name": name, "hash_share": 0.5, "model": {**config_dict(config)}})
    return file


def config_dict(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


def test_the_format_of_cards_is_that_of_checkpoints():
    assert FORMAT_WITHOUT_TORCH == ENCODER_FORMAT


@pytest.mark.parametrize("kind", ["onnx", "torchscript"])
def test_column_function_and_direct_call_agree_with_plain_numpy(lab, kind):
    added = lab.add_model("pool_1", written(lab, kind), trust=True)
    assert (added.name, added.kind, added.dimension, added.problem) == ("pool_1", kind, DIMENSION, None)
    report = lab.embed("pool_1")
    assert (report.model, report.dimension, report.n_embedded) == ("pool_1", DIMENSION, 9)
    assert report.notes == ("1 spectra are of negative ion mode, on which pool_1 was not trained",)
    rows = lab.sql(
        "SELECT mz, intensity, precursor_mz, embedding_pool_1, embed_pool_1(mz, intensity, precursor_mz, ion_mode) FROM spectra"
    ).fetchall()
    assert len(rows) == 9
    for mz, intensity, precursor_mz, stored, called in rows:
        assert stored == called
        np.testing.assert_allclose(stored, reference_vector(mz, intensity, precursor_mz), atol=1e-3)
    ((vector,),) = lab.sql(FROM_SQL.format("pool_1")).fetchall()
    np.testing.assert_allclose(vector, reference_vector(MZ, INTENSITY, PRECURSOR), atol=1e-3)
    assert one(lab, "SELECT kind FROM models") == [kind]
    assert json.loads(one(lab, "SELECT training_data FROM models")[0]) == {"name": "made up"}
    assert one(lab, "SELECT fingerprint FROM models") == [added.fingerprint]


def test_identification_and_search_by_a_model_of_the_lab(lab):
    lab.add_model("pool", written(lab))
    lab.embed("pool")
    report = lab.identify("there", "here", model="pool")
    assert (report.model, report.n_queries, report.n_answered) == ("pool", 3, 2)
    best = "SELECT q.native_id, l.native_id, round(score, 3) FROM hits h JOIN spectra q ON q.spectrum_id = h.query_id "
    best += "JOIN spectra l ON l.spectrum_id = h.library_spectrum_id WHERE rank = 1 ORDER BY ALL"
    assert one(lab, best) == [("Q1", "L2", 1.0), ("Q2", "L4", 1.0)]
    found = lab.search(MZ, INTENSITY, PRECURSOR, library="here", model="pool")
    vectors = dict(one(lab, "SELECT native_id, embedding_pool FROM spectra"))
    expected = sorted(
        (float(np.dot(reference_vector(MZ, INTENSITY, PRECURSOR), vectors[f"L{i}"])) for i in range(6)), reverse=True
    )
    np.testing.assert_allclose(found["score"].to_pylist(), expected, atol=2e-3)
    answered = lab.search_file(lab.path.parent / "there.mgf", library="here", model="pool")
    assert answered.n_answered == 2
    # It was the first model of the lab, so it is the default.
    assert one(lab, "SELECT embed([70.5], [1], 200, 'positive') = embed_pool([70.5], [1], 200, 'positive')") == [True]


def test_an_encoder_of_spectradb_is_known_by_its_name_in_the_lab(lab):
    added = lab.add_model("mine", encoder(lab))
    assert (added.kind, added.dimension) == ("spectradb", 24)
    assert json.loads((lab.path / "models" / "mine.json").read_text())["name"] == "mine"
    lab.embed("mine")
    ((length, same),) = lab.sql(
        "SELECT len(embedding_mine), embedding_mine = embed_mine(mz, intensity, precursor_mz, ion_mode) FROM spectra LIMIT 1"
    ).fetchall()
    assert (length, same) == (24, True)


def test_labs_know_their_own_models_only(lab, tmp_path):
    lab.add_model("pool", written(lab))
    with connect(tmp_path / "another", create=True) as other:
        assert [card.name for card in other.models()] == ["binned", "spectradb_small"]
        with pytest.raises(NoModel, match="no embedder is named 'pool'; known are: binned"):
            other.embed("pool")
        other.add_model("pool", written(lab, n_peaks=1))
        assert one(lab, FROM_SQL.format("pool")) != one(other, FROM_SQL.format("pool"))
    with open_published(lab.published) as con:
        assert con.sql(FROM_SQL.format("pool")).fetchall() == lab.sql(FROM_SQL.format("pool")).fetchall()


def test_a_lab_is_opened_without_loading_weights(lab):
    lab.add_model("pool", written(lab))
    lab.embed("binned")
    (lab.path / "models" / "pool.onnx").write_bytes(b"no model")
    with connect(lab.path) as again:
        assert one(again, "SELECT count(*) FROM spectra") == [9]
        with pytest.raises(Exception, match=r"pool\.onnx: onnxruntime cannot load it"):
            again.sql(FROM_SQL.format("pool")).fetchall()
        with pytest.raises(BadModel, match=r"pool\.onnx: onnxruntime cannot load it"):
            again.embed("pool")
        assert "cannot load it" in again.model("pool").problem


def test_a_replaced_model_is_detected(lab):
    lab.add_model("pool", written(lab))
    lab.embed("pool")
    before = lab.search(MZ, INTENSITY, PRECURSOR, library="here", model="pool")
    write_onnx(lab.path / "models" / "pool.onnx", seed=1)
    with pytest.raises(ModelChanged, match=r"made by another version of the model .*--refill"):
        lab.embed("pool")
    with pytest.raises(ModelChanged, match="embed --model pool --refill"):
        lab.search(MZ, INTENSITY, PRECURSOR, library="here", model="pool")
    lab.embed("pool", refill=True)
    assert lab.search(MZ, INTENSITY, PRECURSOR, library="here", model="pool") != before
    write_settings(lab.path / "models" / "pool.onnx", {**SETTINGS, "intensity_transform": "none"})
    with pytest.raises(ModelChanged):
        lab.embed("pool")
    write_settings(lab.path / "models" / "pool.onnx", {**SETTINGS, "notes": "as it was", "max_batch": 3})
    assert lab.embed("pool").n_present == 9


def test_a_name_that_is_taken_or_cannot_be_one_is_refused(lab):
    file = written(lab)
    for name in ("Pool", "1pool", "pool-1", "pool__1", "a" * 49, "", "pool; DROP TABLE spectra", "../pool"):
        with pytest.raises(BadParameter, match=r"name|model"):
            lab.add_model(name, file)
    with pytest.raises(BadParameter, match="'binned' is the name of a built-in embedder"):
        lab.add_model("binned", file)
    assert files(lab) == []
    lab.add_model("pool", file)
    with pytest.raises(BadParameter, match=r"has a model 'pool' already.*--replace"):
        lab.add_model("pool", file)
    first = lab.model("pool").fingerprint
    replaced = lab.add_model("pool", written(lab, "torchscript"), trust=True, overwrite=True)
    assert replaced.fingerprint != first
    assert files(lab) == ["pool.json", "pool.pt"]


def test_what_cannot_be_loaded_leaves_the_lab_as_it_was(lab):
    made = lab.path.parent / "made"
    good = written(lab)
    lab.add_model("pool", good)
    before = {name: (lab.path / "models" / name).read_bytes() for name in files(lab)}
    (made / "bad.onnx").write_bytes(b"none")
    shutil.copy(good.with_suffix(".json"), made / "bad.json")
    (made / "alone.onnx").write_bytes(good.read_bytes())
    (made / "bad.safetensors").write_bytes(b"none")
    (made / "bad.ckpt").write_bytes(b"none")
    (made / "strange.h5").write_bytes(b"none")
    torch.save({"state_dict": {"w": torch.ones(1)}}, made / "weights.pt")
    cases = [
        ("bad.onnx", BadModel, r"bad\.onnx: onnxruntime cannot load it"),
        ("alone.onnx", BadModel, r"alone\.json: no such file"),
        ("bad.safetensors", BadModel, r"bad\.safetensors: not a readable safetensors file"),
        ("bad.ckpt", UnreadableFile, r"bad\.ckpt, archive: not a readable ZIP archive"),
        ("weights.pt", BadModel, r"weights\.pt: .*DreaMS's weights are missing"),
        ("strange.h5", BadParameter, r"strange\.h5: its name ends in none of .*--kind"),
        ("none.onnx", BadParameter, r"none\.onnx: no such file"),
    ]
    for file, kind, message in cases:
        with pytest.raises(kind, match=message):
            lab.add_model("pool", made / file, overwrite=True)
    with pytest.raises(BadParameter, match="kind 'keras' must be one of"):
        lab.add_model("pool", good, kind="keras", overwrite=True)
    assert {name: (lab.path / "models" / name).read_bytes() for name in files(lab)} == before
    assert lab.model("pool").problem is None


def test_what_a_killed_adding_left_is_cleared_away(lab):
    left = lab.path / "models" / ".adding-killed"
    left.mkdir(parents=True)
    (left / "pool.onnx").write_bytes(b"half")
    assert [card.name for card in lab.models()] == ["binned", "spectradb_small"]
    lab.add_model("pool", written(lab))
    assert files(lab) == ["pool.json", "pool.onnx"]


def test_damaged_models_say_what_is_wrong_and_what_to_do(lab):
    lab.add_model("pool", written(lab))
    folder = lab.path / "models"
    card, weights = folder / "pool.json", folder / "pool.onnx"
    content = card.read_text()

    def refused(message):
        assert [found.problem is None for found in lab.models()] == [True, False, True]
        with pytest.raises(BadModel, match=message) as caught:
            lab.embed("pool")
        assert str(folder) in str(caught.value)
        assert run("info", lab.path).exit_code == 0

    card.write_text("{")
    refused(r"pool\.json: not readable JSON")
    card.write_text(json.dumps({"format": "spectradb-dreams-1"}))
    refused(r"a card of format 'spectradb-dreams-1' does not belong to pool\.onnx")
    card.write_text(json.dumps({**SETTINGS, "dimension": "many"}))
    refused("dimension must be a whole number")
    card.unlink()
    refused(r"pool\.json: no such file; pool\.onnx needs its card.*spectradb model add .* pool FILE --replace")
    card.write_text(content)
    (folder / "pool.pt").write_bytes(b"")
    refused(r"both pool\.onnx and pool\.pt; remove one")
    (folder / "pool.pt").unlink()
    weights.unlink()
    refused("only a card and no weights")
    lab.add_model("pool", written(lab), overwrite=True)
    assert lab.model("pool").problem is None
    (folder / "net.safetensors").write_bytes(encoder(lab).read_bytes())
    (folder / "net.json").write_text(json.dumps({"format": ENCODER_FORMAT, "model": {}}))
    assert "does not tell model.dimension" in next(found for found in lab.models() if found.name == "net").problem


def test_removing_leaves_vectors_and_takes_damaged_models_too(lab):
    lab.add_model("pool", written(lab))
    lab.embed("pool")
    (lab.path / "models" / "pool.json").unlink()
    lab.remove_model("pool")
    assert files(lab) == []
    assert one(lab, "SELECT count(embedding_pool) FROM spectra") == [9]
    assert lab.identify("there", "here", model="pool").n_answered == 2
    with pytest.raises(NoModel, match="no model 'pool' of its own; it has: none"):
        lab.remove_model("pool")
    with pytest.raises(NoModel, match="no model 'binned' of its own"):
        lab.remove_model("binned")
    with pytest.raises(NoModel, match="no embedder is named 'pool'"):
        lab.model("pool")


def test_torchscript_needs_trust_here_and_wherever_the_lab_goes(lab, monkeypatch, tmp_path):
    file = written(lab, "torchscript")
    with pytest.raises(UntrustedModel, match=r"theirs\.pt is a TorchScript model.*add it with --trust"):
        lab.add_model("pool", file)
    assert files(lab) == []
    lab.add_model("pool", file, trust=True)
    lab.embed("pool")
    # Another user opens the lab.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))
    with connect(lab.path) as again:
        assert one(again, "SELECT count(embedding_pool) FROM spectra") == [9]
        with pytest.raises(UntrustedModel, match=r"spectradb model trust .*lab pool"):
            again.embed("pool")
        with pytest.raises(Exception, match="is a TorchScript model"):
            again.sql(FROM_SQL.format("pool")).fetchall()
        assert "TorchScript" in again.model("pool").problem
        assert len(again.trust_model("pool")) == 64
        assert again.embed("pool").n_present == 9
    with pytest.raises(NoModel):
        lab.trust_model("binned")


def test_commands(lab):
    file = written(lab)
    added = run("model", "add", lab.path, "pool", file)
    assert added.exit_code == 0
    assert added.output.startswith(f"pool: onnx, {DIMENSION} dimensions, {lab.path}/models/pool.onnx (")
    assert run("embed", lab.path, "--model", "pool").exit_code == 0
    listed = run("model", "list", lab.path)
    assert [line.partition(",")[0] for line in listed.output.splitlines()] == [
        "binned: hash",
        "pool: onnx",
        "spectradb_small: transformer",
    ]
    as_json = json.loads(run("model", "list", lab.path, "--json").output)
    assert [(card["name"], card["dimension"]) for card in as_json] == [
        ("binned", 512),
        ("pool", DIMENSION),
        ("spectradb_small", 640),
    ]
    shown = json.loads(run("model", "show", lab.path, "pool", "--json").output)
    assert shown["preprocessing"]["intensity_transform"] == "sqrt"
    assert shown["about"] == {"licence": "CC0-1.0", "training_data": {"name": "made up"}}
    assert "  licence: CC0-1.0" in run("model", "show", lab.path, "pool").output.splitlines()
    assert json.loads(run("model", "show", lab.path, "binned", "--json").output)["file"] is None
    again = run("model", "add", lab.path, "pool", file)
    assert (again.exit_code, again.stdout) == (1, "")
    assert run("model", "add", lab.path, "pool", file, "--replace", "-q").output == ""
    assert run("model", "remove", lab.path, "pool").output == "pool removed\n"
    scripted = written(lab, "torchscript")
    assert "--trust" in run("model", "add", lab.path, "script", scripted).stderr
    assert run("model", "add", lab.path, "script", scripted, "--trust", "-q").exit_code == 0
    assert run("model", "trust", lab.path, "script").output.startswith("script may run: ")
    moved = scripted.with_name("elsewhere.json")
    scripted.with_suffix(".json").rename(moved)
    assert run("model", "add", lab.path, "other", scripted, "--card", moved, "-q").exit_code == 0
    assert run("model", "list", lab.path, "-q").output == ""


def test_a_missing_dependency_is_told_on_the_command_line(lab, monkeypatch):
    def absent(*_):
        raise MissingDependency("needs onnxruntime. Install it with `pip install 'spectradb[onnx]'`.")

    monkeypatch.setattr("spectradb.encoder.exported_onnx.OnnxRunner.__init__", absent)
    result = run("model", "add", lab.path, "pool", written(lab))
    assert result.exit_code == 1
    assert "pip install 'spectradb[onnx]'" in result.stderr
    assert files(lab) == []


def test_asking_for_dreams_says_where_to_get_it(lab):
    with pytest.raises(NoModel, match=r"zenodo\.org/records/10997887.*spectradb model add LAB dreams embedding_model\.ckpt"):
        lab.embed("dreams")


class Server(http.server.BaseHTTPRequestHandler):
    """Serves half of what it announces at /short, a small file elsewhere, nothing at /missing."""

    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "20" if self.path == "/short" else "10")
        self.end_headers()
        self.wfile.write(b"0123456789")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_downloads_arrive_whole_or_not_at_all(server, tmp_path):
    file = tmp_path / "x.ckpt"
    download.download_checkpoint(file, url=f"{server}/x")
    assert file.read_bytes() == b"0123456789"
    for path in ("missing", "short"):
        with pytest.raises(UnreadableFile, match=rf"{server}/{path}, download.*embedding_model\.ckpt of https://zenodo"):
            download.download_checkpoint(file, url=f"{server}/{path}")


def test_a_downloaded_checkpoint_is_added(lab, monkeypatch):
    def fetched(file, *, quiet):
        file.write_bytes(b"no checkpoint")

    monkeypatch.setattr(download, "download_checkpoint", fetched)
    with pytest.raises(SpectraDBError, match=r"embedding_model\.ckpt, archive: not a readable ZIP archive"):
        lab.download_model()
    assert files(lab) == []
    lab.add_model("dreams", written(lab))
    with pytest.raises(BadParameter, match="has a model 'dreams' already"):
        lab.download_model()
    assert run("model", "download", lab.path).exit_code == 1
