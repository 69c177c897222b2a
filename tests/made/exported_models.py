"""Small ONNX and TorchScript models, their JSON files, and the vectors that they should give, in plain numpy.

The model pools its tokens: each (m/z, intensity) goes through tanh(x W + b), and the mean over tokens that the mask shows is
the vector.
"""

import json
import math

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

DIMENSION = 6
SETTINGS = {
    "format": "spectradb-exported-1",
    "dimension": DIMENSION,
    "n_peaks": 20,
    "intensity_transform": "sqrt",
    "mz_scale": 1000.0,
    "precursor_token": 1.1,
    "padding": "batch",
    "inputs": [{"name": "peaks", "holds": "peaks"}, {"name": "mask", "holds": "mask"}],
    "output": "vector",
    "ion_modes": ["positive"],
    "training_data": {"name": "made up"},
    "licence": "CC0-1.0",
}


def weights(seed=0):
    chance = np.random.default_rng(seed)
    return chance.normal(0, 3, (2, DIMENSION)).astype(np.float32), chance.normal(0, 1, DIMENSION).astype(np.float32)


def write_onnx(file, *, settings=SETTINGS, seed=0, masked=True, constant=False):
    """Write the model; without ``masked`` it has no mask and takes the mean over padding too."""
    weight, bias = weights(seed)
    if constant:
        weight = weight * 0
    inputs = [helper.make_tensor_value_info("peaks", TensorProto.FLOAT, ["n", "tokens", 2])]
    nodes = [
        helper.make_node("MatMul", ["peaks", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        helper.make_node("Tanh", ["sum"], ["hidden"]),
    ]
    constants = {"weight": weight, "bias": bias, "last": np.array([-1]), "middle": np.array([1])}
    if masked:
        inputs.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", "tokens"]))
        nodes += [
            helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
            helper.make_node("Mul", ["hidden", "column"], ["shown"]),
            helper.make_node("ReduceSum", ["shown", "middle"], ["total"], keepdims=0),
            helper.make_node("ReduceSum", ["mask", "last"], ["count"], keepdims=1),
            helper.make_node("Div", ["total", "count"], ["vector"]),
        ]
    else:
        nodes.append(helper.make_node("ReduceMean", ["hidden", "middle"], ["vector"], keepdims=0))
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", DIMENSION])
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "pooling", inputs, [output], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, file)
    write_settings(file, settings)
    return file


class Pooling(torch.nn.Module):
    """The same model in TorchScript; it returns a dict, as some do."""

    def __init__(self, seed: int):
        super().__init__()
        weight, bias = weights(seed)
        self.weight = torch.nn.Parameter(torch.from_numpy(weight))
        self.bias = torch.nn.Parameter(torch.from_numpy(bias))

    def forward(self, peaks: torch.Tensor, mask: torch.Tensor) -> dict[str, torch.Tensor]:
        hidden = torch.tanh(peaks @ self.weight + self.bias) * mask[:, :, None]
        return {"vector": hidden.sum(dim=1) / mask.sum(dim=1, keepdim=True)}


def write_torchscript(file, *, settings=SETTINGS, seed=0, model=None):
    torch.jit.script(Pooling(seed) if model is None else model).save(str(file))
    write_settings(file, settings)
    return file


def write_settings(file, settings):
    file.with_suffix(".json").write_text(json.dumps(settings))


def reference_vector(mz, intensity, precursor_mz, *, seed=0):
    """The vector by the settings above, one peak after the other."""
    weight, bias = (value.astype(float) for value in weights(seed))
    peaks = sorted(zip(mz, intensity, strict=True), key=lambda peak: (-peak[1], peak[0]))[:20]
    base = max(intensity)
    tokens = [(precursor_mz, 1.1)] + [(m, math.sqrt(i / base)) for m, i in sorted(peaks)]
    pooled = np.mean([np.tanh(np.array([m / 1000.0, i]) @ weight + bias) for m, i in tokens], axis=0)
    return pooled / np.linalg.norm(pooled)
