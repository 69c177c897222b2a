"""Adding models to a lab, from Python and the command line: what is taken in, what is refused, and what is left of it."""

import http.server
import json
import shutil
import threading

import pytest
import torch
from exported_models import DIMENSION, SETTINGS
from given_models import encoder, files, run, written

from spectradb.embedders.dreams import download
from spectradb.embedders.transformer.checkpoint import FORMAT as ENCODER_FORMAT
from spectradb.errors import (
    BadModel,
    BadParameter,
    SpectraDBError,
    UnreadableFile,
)


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
    assert [card.name for card in lab.models()] == ["binned", "spectradb_analogue", "spectradb_base", "spectradb_small"]
    lab.add_model("pool", written(lab))
    assert files(lab) == ["pool.json", "pool.onnx"]


def test_damaged_models_say_what_is_wrong_and_what_to_do(lab):
    lab.add_model("pool", written(lab))
    folder = lab.path / "models"
    card, weights = folder / "pool.json", folder / "pool.onnx"
    content = card.read_text()

    def refused(message):
        assert [found.problem is None for found in lab.models()] == [True, False, True, True, True]
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
        "spectradb_analogue: analogue",
        "spectradb_base: transformer",
        "spectradb_small: transformer",
    ]
    as_json = json.loads(run("model", "list", lab.path, "--json").output)
    assert [(card["name"], card["dimension"]) for card in as_json] == [
        ("binned", 512),
        ("pool", DIMENSION),
        ("spectradb_analogue", 768),
        ("spectradb_base", 768),
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
    nothing = lab.path.parent / "nothing" / "onnxruntime"
    nothing.mkdir(parents=True)
    (nothing / "__init__.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(str(nothing.parent))  # the process that tries a model imports what this one does
    result = run("model", "add", lab.path, "pool", written(lab))
    assert result.exit_code == 1
    assert "pip install 'spectradb[onnx]'" in result.stderr
    assert files(lab) == []


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
