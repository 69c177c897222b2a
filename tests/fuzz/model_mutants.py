"""Mutants of small models that keep most of their structure: archives, headers, graphs and cards with one thing changed."""

import io
import itertools
import json
import random
import struct
import zipfile

import numpy as np
import onnx
import torch
from exported_models import SETTINGS, write_onnx, write_torchscript
from mutants import NUMBERS, WORDS
from onnx import TensorProto, helper, numpy_helper

from spectradb.embedders.transformer.checkpoint import save_checkpoint
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder

SIZES = (0, 1, -1, 2**16, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1)


def write_seeds(folder):
    """Write one small model of each kind, with its card."""
    write_onnx(folder / "a.onnx", settings=SETTINGS)
    write_torchscript(folder / "a.pt", settings=SETTINGS)
    config = ModelConfig(n_peaks=24, width=32, n_layers=1, n_heads=4, dimension=8, n_wavelengths=8, hash_dimension=16)
    torch.manual_seed(0)
    told = {name: getattr(config, name) for name in config.__dataclass_fields__}
    save_checkpoint(folder / "a.safetensors", SpectrumEncoder(config), {"name": "a", "hash_share": 0.5, "model": told})
    state = {"head.weight": torch.ones(4, 4), "head.bias": torch.zeros(4)}
    torch.save({"state_dict": state, "epoch": 3, "hyper_parameters": {"lr": 0.1, "names": ["a", "b"]}}, folder / "a.ckpt")
    cards = {"a.onnx": "a.json", "a.pt": "a.json", "a.safetensors": "a.json"}
    write_onnx(folder / "b.onnx", settings=SETTINGS)
    return {
        "a.onnx": ((folder / "a.onnx").read_bytes(), (folder / "b.json").read_bytes()),
        "a.pt": ((folder / "a.pt").read_bytes(), (folder / "b.json").read_bytes()),
        "a.safetensors": ((folder / "a.safetensors").read_bytes(), (folder / cards["a.safetensors"]).read_bytes()),
        "a.ckpt": ((folder / "a.ckpt").read_bytes(), b"{}"),
    }


def mutants(name, content, card, n, seed):
    """Yield mutants of a model.

    Parameters
    ----------
    name : str
        Name of the file, whose suffix tells what it is.
    content, card : bytes
        The model and its card.
    n : int
        How many.
    seed : object
        The same one gives the same mutants.

    Yields
    ------
    (bytes, bytes)
        Model and card.
    """
    chance = random.Random(f"{name} {seed}")
    kinds = {"a.onnx": _graph, "a.pt": _archive, "a.ckpt": _archive, "a.safetensors": _header}
    for _ in range(n):
        way = chance.random()
        if way < 0.2:
            yield _bytes(content, chance), card
        elif way < 0.4 and name != "a.ckpt":
            yield content, _card(card, chance)
        else:
            yield kinds[name](content, chance), card


def _bytes(content, chance):
    way = chance.randrange(4)
    place = chance.randrange(len(content))
    if way == 0:
        return content[:place]
    if way == 1:
        return content[:place] + chance.randbytes(chance.randrange(1, 40)) + content[place + chance.randrange(40) :]
    if way == 2:
        return content[:place] + content[place // 2 :]
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _value(chance):
    deep = chance.choice((10, 900, 50_000))
    return chance.choice(
        [
            *("null", "true", "[]", "{}", '""', "[" * deep + "]" * deep, '{"a":' * deep + "1" + "}" * deep, "9" * 5_000, "NaN"),
            *(json.dumps(word) for word in chance.sample(WORDS, 3)),
            *(str(size) for size in SIZES),
            *(number or "0" for number in chance.sample(NUMBERS, 4)),
        ]
    )


def _card(card, chance):
    if chance.random() < 0.2:
        return _bytes(card, chance)
    told = json.loads(card)
    if "inputs" in told and chance.random() < 0.3:
        allowed = [
            ("notes", chance.choice(WORDS)),
            ("mz_scale", 10.0 ** chance.randrange(-3, 6)),
            ("n_peaks", 10 ** chance.randrange(9)),
        ]
        allowed += [("max_batch", chance.choice((1, 7, 2**62))), ("l2_normalise", False), ("ion_modes", ["both"])]
        return json.dumps(told | dict([chance.choice(allowed)])).encode()
    holder, key = told, chance.choice(list(told))
    while isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.8:
        holder = holder[key]
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    holder[key] = "@"
    return json.dumps(told).replace('"@"', _value(chance), 1).encode("utf-8", "surrogatepass")


def _header(content, chance):
    """A safetensors file with another header."""
    (size,) = struct.unpack("<Q", content[:8])
    header, rest = json.loads(content[8 : 8 + size]), content[8 + size :]
    tensors = [name for name in header if name != "__metadata__"]
    one = header[chance.choice(tensors)]
    way = chance.randrange(5)
    if way == 0:
        one["shape"] = [chance.choice(SIZES) for _ in one["shape"]]
    elif way == 1:
        one["data_offsets"] = [chance.choice((*SIZES, *one["data_offsets"])) for _ in range(2)]
    elif way == 2:
        one["dtype"] = chance.choice(("F64", "I8", "BOOL", "F8_E4M3", "U64", "C64", "x"))
    elif way == 3:
        header[chance.choice(WORDS)] = header.pop(chance.choice(tensors))
    else:
        one[chance.choice(list(one))] = "@"
    text = json.dumps(header).replace('"@"', _value(chance), 1).encode("utf-8", "surrogatepass")
    told = len(text) if chance.random() < 0.8 else chance.choice([abs(size) for size in SIZES])
    return struct.pack("<Q", told) + text + rest


def _archive(content, chance):
    """A ZIP archive with another entry."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    name = chance.choice(list(entries))
    way = chance.randrange(6)
    if way == 0:
        del entries[name]
    elif way == 1:
        entries[name] = _bytes(entries[name] or b"x", chance)
    elif way == 2:
        name = chance.choice([entry for entry in entries if entry.endswith(".pkl")])
        entries[name] = _pickle(entries[name], chance)
    elif way == 3 and any(entry.endswith(".py") for entry in entries):
        name = chance.choice([entry for entry in entries if entry.endswith(".py")])
        entries[name] = _code(entries[name].decode(), chance).encode()
    elif way == 4:
        entries[chance.choice(WORDS).replace("\x00", "") or "x"] = entries.pop(name)
    else:
        entries[name] = chance.choice((b"", b"\x80\x02.", b"0" * 2**20, b"\x00" * 64))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for entry, held in entries.items():
            archive.writestr(entry.encode("utf-8", "replace").decode(), held)
    return made.getvalue()


def _pickle(program, chance):
    deep = chance.choice((100, 20_000, 300_000))
    return chance.choice(
        [
            b"\x80\x02" + b"]" * deep + b".",
            b"\x80\x02" + b"](" * deep + b"e" * deep + b".",
            b"\x80\x02" + b")" * deep + b"\x85" * deep + b".",
            b"\x80\x02X" + struct.pack("<I", 2**32 - 1) + b"a.",
            b"\x80\x02\x8a\xff" + b"\x7f" * 255 + b".",
            b"\x80\x02cbuiltins\nlen\n(]tR.",
            b"\x80\x02ccollections\nOrderedDict\n)R(" + b"K\x01" * 1001 + b"u.",
            program.replace(b"K\x04", b"J\xff\xff\xff\x7f"),
            _bytes(program, chance),
        ]
    )


def _code(text, chance):
    deep = chance.choice((50, 3_000, 60_000))
    lines = text.splitlines(keepends=True)
    place = chance.randrange(len(lines) + 1)
    return chance.choice(
        [
            "".join([*lines[:place], *lines[place + 1 :]]),
            text.replace("return", "return " + "(" * deep, 1),
            text.replace("return", "return " + "-" * deep, 1),
            text + "\nx = " + "[" * deep + "]" * deep,
            text.replace("torch.tanh", "torch.no_such_function"),
            text.replace("Tensor", "Optional[" * deep + "Tensor" + "]" * deep, 1),
            text.replace("Tensor", chance.choice(WORDS), 1),
        ]
    )


def _graph(content, chance):  # noqa: C901 - a way each
    """A graph of ONNX with something else in it."""
    model = onnx.load_from_string(content)
    graph = model.graph
    node = chance.choice(graph.node)
    way = chance.randrange(12)
    if way == 0:
        node.op_type = chance.choice(("Loop", "If", "Scan", "ConstantOfShape", "Tile", "NoSuchOperator", "Softmax", "\u202e"))
    elif way == 1:
        node.input[chance.randrange(len(node.input))] = chance.choice(("", "peaks", "vector", "nothing"))
    elif way == 2:
        tensor = chance.choice(graph.initializer)
        tensor.dims[:] = [chance.choice(SIZES) for _ in tensor.dims] or [2**40]
    elif way == 3:
        tensor = chance.choice(graph.initializer)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", chance.choice(("../a.json", "a.json", "/dev/zero"))), ("length", "64")):
            tensor.external_data.add(key=key, value=value)
    elif way == 4:
        made = helper.make_tensor("many", TensorProto.INT64, [1], [chance.choice((2**34, 2**40, 2**62))])
        graph.initializer.append(made)
        graph.node.insert(0, helper.make_node("ConstantOfShape", ["many"], ["much"]))
        graph.node.insert(1, helper.make_node("ReduceSum", ["much"], ["less"], keepdims=0))
        graph.node.insert(2, helper.make_node("Cast", ["less"], ["number"], to=TensorProto.FLOAT))
        _give(graph, helper.make_node("Add", ["inner", "number"], ["vector"]))
    elif way == 5:
        inner = helper.make_graph([], "inner", [], [helper.make_tensor_value_info("vector", TensorProto.FLOAT, None)])
        for _ in range(chance.choice((3, 60))):
            outer = helper.make_node("If", ["mask"], ["vector"], then_branch=inner, else_branch=inner)
            inner = helper.make_graph([outer], "inner", [], [helper.make_tensor_value_info("vector", TensorProto.FLOAT, None)])
            if len(inner.SerializeToString()) > 2**22:
                break
        graph.node.extend(inner.node)
    elif way == 6:
        model.opset_import[0].version = chance.choice((0, 1, 17, 19, 99, 2**40))
    elif way == 7:
        graph.input[0].type.tensor_type.shape.dim[0].dim_value = chance.choice([size for size in SIZES if size >= 0])
    elif way == 8:
        _other_numbers(graph, chance)
    elif way == 9:
        _longer(graph, chance.choice((1, 30, 3_000)))
    elif way == 10:
        _repeated(graph, chance.choice((0, 1, 1_000, 2**62)))
    else:
        model.doc_string = chance.choice(WORDS).encode("utf-8", "replace").decode()
        model.metadata_props.add(key="made by", value="x" * chance.choice((1, 2**20)))
        graph.name = chance.choice(("", "a" * 70_000))
    return model.SerializeToString()


def _give(graph, node):
    """Let a node give the vector, from what gave it before, ``inner``."""
    for before in graph.node:
        before.output[:] = ["inner" if name == "vector" else name for name in before.output]
    graph.node.append(node)


def _other_numbers(graph, chance):
    """Weights of the same shape: any numbers, now and then one that is none."""
    name = chance.choice(("weight", "bias"))
    tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
    numbers = np.array(numpy_helper.to_array(tensor))
    numbers += np.float32(chance.choice((1e-3, 1.0, 1e30))) * np.array(
        [chance.uniform(-1, 1) for _ in range(numbers.size)], dtype=np.float32
    ).reshape(numbers.shape)
    if chance.random() < 0.3:
        numbers.flat[chance.randrange(numbers.size)] = chance.choice((float("nan"), float("inf"), 0.0, -0.0))
    tensor.CopyFrom(numpy_helper.from_array(numbers, tensor.name))


def _longer(graph, n):
    """Nodes that change nothing, one after the other."""
    _give(graph, helper.make_node("Identity", [f"step{n}"], ["vector"]))
    steps = ["inner", *(f"step{i + 1}" for i in range(n))]
    for i, (here, there) in enumerate(itertools.pairwise(steps)):
        graph.node.insert(len(graph.node) - 1, helper.make_node("Identity", [here], [there], name=f"same{i}"))


def _repeated(graph, n):
    """A loop that counts to a number and adds nothing to the vector."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Mul", ["sum", "half"], ["sums"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sums", TensorProto.FLOAT, []),
        ],
        [numpy_helper.from_array(np.array(0.5, dtype=np.float32), "half")],
    )
    graph.initializer.append(numpy_helper.from_array(np.array(n, dtype=np.int64), "times"))
    graph.initializer.append(numpy_helper.from_array(np.array(True), "always"))
    graph.initializer.append(numpy_helper.from_array(np.array(0, dtype=np.float32), "none"))
    graph.node.append(helper.make_node("Loop", ["times", "always", "none"], ["nothing"], body=body))
    _give(graph, helper.make_node("Add", ["inner", "nothing"], ["vector"]))
