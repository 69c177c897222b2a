"""Models of others are tried in a process of their own: what brings that down, takes too long or too much memory is refused."""

import json
import zipfile

import numpy as np
import onnx
import pytest
import torch
from exported_models import SETTINGS, write_onnx, write_settings, write_torchscript
from onnx import TensorProto, helper, numpy_helper

from spectradb.embedders.exported import settings as exported
from spectradb.errors import BadModel
from spectradb.models.folder import ModelFiles
from spectradb.models.tried import try_apart


def described(file, kind):
    card = json.loads(file.with_suffix(".json").read_text())
    dimension = exported.settings_from_json(card, place="card").dimension
    return ModelFiles(
        name="theirs", kind=kind, dimension=dimension, weights=file, card_file=file.with_suffix(".json"), card=card
    )


class Endless(torch.nn.Module):
    def forward(self, peaks: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        total = peaks.sum(dim=1)
        while bool((total == total).all()):
            total = total + 1
        return total


def test_a_model_that_never_ends_is_refused(tmp_path):
    file = tmp_path / "endless.pt"
    torch.jit.script(Endless()).save(file)
    write_settings(file, SETTINGS)
    with pytest.raises(BadModel, match=r"did not embed five spectra within 4 s"):
        try_apart(described(file, "torchscript"), seconds=4)


def test_a_model_that_asks_for_all_memory_is_refused(tmp_path):
    file = write_onnx(tmp_path / "large.onnx", settings=SETTINGS)
    model = onnx.load(file)
    model.graph.initializer.append(numpy_helper.from_array(np.array([2**42]), "many"))
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["many"], ["much"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["much"], ["less"], keepdims=0))
    model.graph.node.append(helper.make_node("Add", ["vector", "less"], ["more"]))
    model.graph.output[0].name = "more"
    onnx.save(model, file)
    with pytest.raises(BadModel):
        try_apart(described(file, "onnx"))


def test_an_onnx_model_reads_no_file_beside_it(tmp_path):
    file = write_onnx(tmp_path / "outside.onnx", settings=SETTINGS)
    (tmp_path / "numbers").write_bytes(bytes(4096))
    model = onnx.load(file)
    tensor = next(one for one in model.graph.initializer if one.name == "weight")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="numbers")
    file.write_bytes(model.SerializeToString())
    with pytest.raises(BadModel, match="as one file without external data"):
        try_apart(described(file, "onnx"))


def test_code_that_crashes_its_runtime_is_refused(tmp_path):
    # Brackets nested deeper than the stack of the compiler that reads them.
    file = write_torchscript(tmp_path / "deep.pt", settings=SETTINGS)
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    (code,) = [name for name in entries if name.endswith(".py") and b"forward" in entries[name]]
    entries[code] = entries[code].replace(b"return ", b"return " + b"-" * 200_000, 1)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(BadModel):
        try_apart(described(file, "torchscript"))
