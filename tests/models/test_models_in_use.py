"""Models that belong to a lab: using, replacing, removing and trusting them, from Python and SQL."""

import json

import numpy as np
import pytest
from empty_lab import empty_lab
from exported_models import DIMENSION, SETTINGS, reference_vector, write_onnx, write_settings
from given_models import FROM_SQL, INTENSITY, MZ, PRECURSOR, encoder, files, written
from made_files import one

from spectradb.embedders.transformer.checkpoint import FORMAT as ENCODER_FORMAT
from spectradb.errors import (
    BadModel,
    ModelChanged,
    NoModel,
    UntrustedModel,
)
from spectradb.facade.lab import connect
from spectradb.models.folder import ENCODER_FORMAT as FORMAT_WITHOUT_TORCH
from spectradb.workspace.connection import open_published


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
    with empty_lab(tmp_path / "another") as other:
        assert [card.name for card in other.models()] == ["binned", "spectradb_analogue", "spectradb_base", "spectradb_small"]
        with pytest.raises(
            NoModel,
            match=r"no embedder is named 'pool'\. Add a model .*: binned, spectradb_analogue, spectradb_base, spectradb_small",
        ):
            other.embed("pool")
        other.add_model("pool", written(lab, n_peaks=1))
        assert one(lab, FROM_SQL.format("pool")) != one(other, FROM_SQL.format("pool"))
    with open_published(lab.published, functions=True) as con:
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


def test_a_file_put_there_by_hand_is_tried_before_it_is_trusted(lab, monkeypatch, tmp_path):
    lab.add_model("pool", written(lab, "torchscript"), trust=True)
    card = next(path for path in lab.path.rglob("pool.json"))
    told = json.loads(card.read_text())
    card.write_text(json.dumps(told | {"dimension": DIMENSION + 1}))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))
    with connect(lab.path) as again:
        with pytest.raises(BadModel, match=r"pool\.pt"):
            again.trust_model("pool")
        assert not (tmp_path / "somebody else").exists()
        card.write_text(json.dumps(told))
        assert len(again.trust_model("pool")) == 64
        again.embed("pool")


def test_onnx_put_there_by_hand_is_tried_before_this_process_loads_it(lab, monkeypatch, tmp_path):
    lab.add_model("theirs", written(lab))
    weights = lab.path / "models" / "theirs.onnx"
    tried = []
    monkeypatch.setattr("spectradb.models.tried.try_apart", lambda files: tried.append(files.name))
    assert lab.embed("theirs").n_embedded == 9
    assert tried == [], "it was tried when it was added"
    card = json.loads(weights.with_suffix(".json").read_text())
    put = written(lab, n_peaks=card["n_peaks"] + 1)
    weights.write_bytes(put.read_bytes())
    weights.with_suffix(".json").write_bytes(put.with_suffix(".json").read_bytes())
    assert lab.embed("theirs", refill=True).n_embedded == 9
    assert tried == ["theirs"]
    with connect(lab.path) as again:
        again.files.embedders.embedder("theirs")
    assert tried == ["theirs"], "once for each user"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "somebody else"))

    def fails(files):
        tried.append("failed")
        raise BadModel(f"{files.weights}: it takes too long")

    monkeypatch.setattr("spectradb.models.tried.try_apart", fails)
    monkeypatch.setattr("spectradb.models.folder.load", lambda files: tried.append("loaded"))
    with connect(lab.path) as theirs, pytest.raises(BadModel, match=r"theirs\.onnx: it takes too long"):
        theirs.embed("theirs", refill=True)
    assert tried == ["theirs", "failed"]


def test_asking_for_dreams_says_where_to_get_it(lab):
    with pytest.raises(NoModel, match=r"zenodo\.org/records/10997887.*spectradb model add LAB dreams embedding_model\.ckpt"):
        lab.embed("dreams")
