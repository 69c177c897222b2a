"""ONNX and TorchScript models as embedders, against plain numpy."""

import sys

import numpy as np
import onnx
import pytest
import torch
from exported_models import DIMENSION, SETTINGS, reference_vector, write_onnx, write_settings, write_torchscript
from made_spectra import batch_of, random_batch
from onnx import TensorProto, helper

from spectradb.embedders.exported import trust as exported_trust
from spectradb.errors import BadModel, BadParameter, MissingDependency, UntrustedModel
from spectradb.models.folder import file_digest, load, read_card
from spectradb.models.probe import probe

WRITERS = {"onnx": write_onnx, "torchscript": write_torchscript}
SUFFIXES = {"onnx": ".onnx", "torchscript": ".pt"}
PLAIN = {**SETTINGS, "inputs": [{"name": "peaks", "holds": "peaks"}]}


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """Trust is kept in a directory of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def opened(file, *, trusted=True):
    return load(read_card(file.with_suffix(".json"), file, name="other"), trusted=trusted)


@pytest.fixture(params=WRITERS)
def made(request, tmp_path):
    """Write and load the model with changed settings."""

    def make(name="m", **changes):
        write = WRITERS[request.param]
        return opened(write(tmp_path / f"{name}{SUFFIXES[request.param]}", settings={**SETTINGS, **changes}))

    make.kind = request.param
    return make


def test_vectors_equal_those_of_plain_numpy(made):
    batch = random_batch(40, longest=30)
    vectors = made().embed(batch)
    assert vectors.shape == (40, DIMENSION)
    assert vectors.dtype == np.float32
    for i in range(len(batch)):
        one = batch.slice(i, i + 1)
        if len(one.mz):
            expected = reference_vector(one.mz, one.intensity, one.precursor_mz[0])
            np.testing.assert_allclose(vectors[i], expected, atol=1e-5)
        else:
            assert not vectors[i].any()


def test_batches_play_no_part(made):
    batch = random_batch(30, longest=30)
    one_by_one, all_at_once = made(max_batch=1).embed(batch), made(max_batch=1000).embed(batch)
    np.testing.assert_allclose(one_by_one, all_at_once, atol=1e-6)
    fixed = made(padding="fixed").embed(batch)
    np.testing.assert_allclose(fixed, all_at_once, atol=1e-6)


def test_without_a_precursor_there_is_no_vector_where_it_is_read(made):
    batch = batch_of([(100.0, 1.0), (120.0, 2.0)], precursor_mz=[np.nan])
    assert not made().embed(batch).any()
    assert made(precursor_token=None).embed(batch).any()
    assert made().embed(batch.slice(0, 0)).shape == (0, DIMENSION)


def test_what_it_says_of_itself(made):
    model = made()
    assert (model.name, model.kind, model.dimension, model.ion_modes) == ("other", made.kind, DIMENSION, ("positive",))
    assert model.card == {"licence": "CC0-1.0", "training_data": {"name": "made up"}, "notes": None}
    assert model.fingerprint == made("again").fingerprint or made.kind == "torchscript"  # whose archives hold their own name
    assert made(n_peaks=19).fingerprint != model.fingerprint
    with pytest.raises(BadParameter, match="device"):
        model.embed(random_batch(3), device="tpu")


def test_other_weights_have_another_fingerprint(tmp_path):
    one, other = (opened(write_onnx(tmp_path / "m.onnx", seed=seed)) for seed in (0, 1))
    assert one.fingerprint != other.fingerprint


def test_promises_that_do_not_hold_are_told(made):
    batch = random_batch(5)
    with pytest.raises(BadModel, match=r"an array of shape \(\d, 6\) for \d spectra; its JSON file promises \(\d, 7\)"):
        made(dimension=7).embed(batch)
    with pytest.raises(BadModel, match=r"not 1\. Set l2_normalise to true"):
        made(l2_normalise=False).embed(batch)
    with pytest.raises(BadModel, match=r"the model refuses its inputs .*float64.*Correct its JSON file"):
        made(inputs=[{**one, "dtype": "float64"} for one in SETTINGS["inputs"]]).embed(batch)
    with pytest.raises(BadModel, match="output"):
        made(output="other").embed(batch)


def test_a_model_that_gives_unit_vectors_needs_no_scaling(tmp_path):
    class Unit(torch.nn.Module):
        def forward(self, peaks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            total = peaks.sum(dim=1)
            return total, torch.nn.functional.normalize(total, dim=1)

    settings = {**PLAIN, "dimension": 2, "output": 1, "l2_normalise": False}
    model = opened(write_torchscript(tmp_path / "m.pt", settings=settings, model=Unit()))
    batch = batch_of([(300.0, 1.0)], precursor_mz=[100.0])
    np.testing.assert_allclose(model.embed(batch), [[0.4 / np.hypot(0.4, 2.1), 2.1 / np.hypot(0.4, 2.1)]], atol=1e-6)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    class Broken(torch.nn.Module):
        def forward(self, peaks: torch.Tensor) -> torch.Tensor:
            return torch.log(peaks[:, 0] - 1e9)

    settings = {**PLAIN, "dimension": 2, "output": None}
    with pytest.raises(BadModel, match=r"m\.pt: the model returned numbers that are not finite"):
        opened(write_torchscript(tmp_path / "m.pt", settings=settings, model=Broken())).embed(random_batch(3))


def test_onnx_inputs_and_outputs_must_be_those_of_the_settings(tmp_path):
    file = write_onnx(tmp_path / "m.onnx", settings={**SETTINGS, "inputs": [{"name": "spectrum", "holds": "peaks"}]})
    with pytest.raises(BadModel, match=r"inputs are \['mask', 'peaks'\], its JSON file's \['spectrum'\]"):
        opened(file)
    write_settings(file, {**SETTINGS, "output": None})
    assert opened(file).embed(random_batch(3)).any()
    write_settings(file, {**SETTINGS, "output": "embedding"})
    with pytest.raises(BadModel, match=r"outputs are \['vector'\]"):
        opened(file)


def test_damaged_models_are_refused(tmp_path):
    for write, suffix in ((write_onnx, ".onnx"), (write_torchscript, ".pt")):
        file = write(tmp_path / f"m{suffix}")
        file.write_bytes(file.read_bytes()[:-200])
        with pytest.raises(BadModel, match=rf"m\{suffix}: .* cannot load it") as caught:
            opened(file)
        assert "\n" not in str(caught.value)


def test_an_onnx_model_cannot_read_other_files(tmp_path):
    file = write_onnx(tmp_path / "m.onnx")
    model = onnx.load(file)
    onnx.save(model, file, save_as_external_data=True, location="elsewhere.bin", size_threshold=0)
    with pytest.raises(BadModel, match="without external data"):
        opened(file)


def test_without_onnxruntime_the_message_says_what_to_install(tmp_path, monkeypatch):
    file = write_onnx(tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependency, match=r"pip install 'spectradb\[onnx\]'"):
        opened(file)


def test_onnx_on_a_gpu_that_is_not_there(tmp_path):
    model = opened(write_onnx(tmp_path / "m.onnx"))
    for device in ("cuda:one", "rocm"):
        with pytest.raises(BadParameter, match=device):
            model.embed(random_batch(3), device=device)


def test_a_torchscript_archive_runs_only_once_it_is_trusted(tmp_path):
    file = write_torchscript(tmp_path / "m.pt")
    with pytest.raises(UntrustedModel, match=r"m\.pt is a TorchScript model.*spectradb model trust .*--trust"):
        opened(file, trusted=False)
    exported_trust.trust(file_digest(file))
    exported_trust.trust(file_digest(file))
    assert opened(file, trusted=False).embed(random_batch(3)).any()
    assert (tmp_path / "config" / "spectradb" / "trusted_models").read_text() == f"{file_digest(file)}\n"
    write_torchscript(file, seed=1)
    with pytest.raises(UntrustedModel):
        opened(file, trusted=False)


def test_trust_is_kept_in_the_home_directory_by_default(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert exported_trust.trusted_models_file() == tmp_path / ".config" / "spectradb" / "trusted_models"
    assert not exported_trust.is_trusted("0" * 64)


class Dropping(torch.nn.Module):
    """Draws at random, also in evaluation mode."""

    def forward(self, peaks: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.dropout(peaks.sum(dim=1), p=0.5, training=True) + 1e-3


def test_the_probe_finds_models_that_cannot_be_used(tmp_path):
    good = write_onnx(tmp_path / "good.onnx")
    probe(opened(good), place=good)
    leaky = write_onnx(tmp_path / "leaky.onnx", settings=PLAIN, masked=False)
    with pytest.raises(BadModel, match=r"leaky\.onnx: a spectrum's vector depends on what else is in its batch"):
        probe(opened(leaky), place=leaky)
    write_settings(leaky, {**PLAIN, "max_batch": 1})
    probe(opened(leaky), place=leaky)
    write_settings(leaky, {**PLAIN, "padding": "fixed"})
    probe(opened(leaky), place=leaky)
    constant = write_onnx(tmp_path / "constant.onnx", constant=True)
    with pytest.raises(BadModel, match=r"constant\.onnx: the model gives every spectrum the same vector"):
        probe(opened(constant), place=constant)
    settings = {**PLAIN, "dimension": 2, "output": None}
    chancy = write_torchscript(tmp_path / "chancy.pt", settings=settings, model=Dropping())
    with pytest.raises(BadModel, match=r"chancy\.pt: the model gives other vectors each time"):
        probe(opened(chancy), place=chancy)


def test_a_model_with_an_output_that_is_no_tensor(tmp_path):
    peaks = helper.make_tensor_value_info("peaks", TensorProto.FLOAT, ["n", "tokens", 2])
    node = helper.make_node("SequenceConstruct", ["peaks"], ["vector"])
    output = helper.make_tensor_sequence_value_info("vector", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "sequence", [peaks], [output])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), tmp_path / "m.onnx")
    write_settings(tmp_path / "m.onnx", PLAIN)
    with pytest.raises(BadModel, match="the output vector is no tensor"):
        opened(tmp_path / "m.onnx").embed(random_batch(3))
