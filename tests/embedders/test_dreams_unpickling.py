"""Checkpoints are read without running what they pickle."""

import collections
import io
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from dreams_checkpoint import save_foreign
from hypothesis import given
from hypothesis import strategies as st

from spectradb.embedders.dreams.unpickling import read_tensors
from spectradb.errors import UnreadableFile


def archive_of(file, program, **entries):
    """Write a checkpoint by hand; entries are those below the root."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("root/data.pkl", program)
        archive.writestr("root/version", "3\n")
        for name, content in entries.items():
            archive.writestr(f"root/{name.replace('__', '/')}", content)
    return file


def saved(file, content):
    torch.save(content, file)
    return file


def test_tensors_of_every_float_type_and_layout_arrive_as_pytorch_reads_them(tmp_path):
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 7
    state = {
        "plain": base,
        "turned": base.T,
        "part": base[1:3, ::2],
        "half": base.to(torch.float16),
        "brain": base.to(torch.bfloat16),
        "double": base.to(torch.float64),
        "parameter": torch.nn.Parameter(base + 1),
        "scalar": torch.tensor(2.5),
    }
    file = saved(tmp_path / "x.ckpt", {"state_dict": {**state, "steps": torch.tensor([3])}})
    found, others = read_tensors(file, [name for name in state if name != "plain"])
    assert others == {"plain"}
    assert set(found) == set(state) - {"plain"}
    for name, tensor in found.items():
        assert tensor.dtype == torch.float32
        assert tensor.is_contiguous()
        torch.testing.assert_close(tensor, state[name].detach().to(torch.float32), rtol=0, atol=0)


def test_a_bare_state_dict_and_one_of_a_module_are_read(tmp_path):
    layer = torch.nn.Linear(2, 3)
    found, others = read_tensors(saved(tmp_path / "x.pt", layer.state_dict()), ["weight"])
    torch.testing.assert_close(found["weight"], layer.weight.detach())
    assert others == {"bias"}


def test_classes_that_are_not_there_are_no_trouble(tmp_path):
    def content(module):
        settings = module.Hyperparameters()
        settings.inner = [module.Callback(), {"a": {module.Callback}}]
        return {"hyper_parameters": settings, "state_dict": {"w": torch.ones(2)}, module.Callback(): 1}

    save_foreign(content, tmp_path / "x.ckpt")
    assert "vanished" not in sys.modules
    found, _ = read_tensors(tmp_path / "x.ckpt", ["w"])
    assert found["w"].tolist() == [1.0, 1.0]


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Builds(Calls):
    """Pickles as a call whose result is given a state, items and pairs."""

    def __reduce__(self):
        return (*self.call, {"__class__": Calls, "items": os.system}, iter([1, 2]), iter([("a", 1)]))


ATTACKS = {
    "os.system": lambda mark: Calls(os.system, f"touch {mark}"),
    "builtins.eval": lambda mark: Calls(eval, f"open({str(mark)!r}, 'w')"),
    "builtins.exec": lambda mark: Calls(exec, f"open({str(mark)!r}, 'w')"),
    "builtins.open": lambda mark: Calls(open, str(mark), "w"),
    "subprocess": lambda mark: Calls(subprocess.check_call, ["touch", str(mark)]),
    "with a state": lambda mark: Builds(os.system, f"touch {mark}"),
    "numpy's reconstruction": lambda mark: [np.arange(3), Calls(np.core.multiarray._reconstruct, np.ndarray, (0,), b"b")],
    "numpy's memory map": lambda mark: Calls(np.memmap, str(mark), "float32", "w+", 0, (4,)),
    "a tensor from a file": lambda mark: Calls(torch.from_file, str(mark), True, 4),
    "torch.load": lambda mark: Calls(torch.load, str(mark)),
    "an ordered dict of calls": lambda mark: collections.OrderedDict(a=Calls(os.system, f"touch {mark}")),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("protocol", [2, 4])
def test_nothing_that_is_pickled_is_executed(tmp_path, attack, protocol):
    mark = tmp_path / "executed"
    content = {"evil": ATTACKS[attack](mark), "state_dict": {"w": torch.ones(2), "evil": ATTACKS[attack](mark)}}
    torch.save(content, tmp_path / "x.ckpt", pickle_protocol=protocol)
    found = _outcome(tmp_path / "x.ckpt", ["w", "evil"])
    assert not mark.exists()
    assert found in (None, {"w": [1.0, 1.0]})


def _outcome(file, names):
    """The tensors found; None where the file is refused with its name."""
    try:
        found, _ = read_tensors(file, names)
    except UnreadableFile as error:
        assert str(file) in str(error)  # noqa: PT017 - either outcome is right
        return None
    return {name: tensor.tolist() for name, tensor in found.items()}


def test_names_of_others_are_no_reason_to_refuse(tmp_path):
    harmless = {"settings": Calls(eval, "1"), "state_dict": {"w": torch.ones(2)}}
    assert _outcome(saved(tmp_path / "x.ckpt", harmless), ["w"]) == {"w": [1.0, 1.0]}


def test_the_attacks_would_work_on_an_open_unpickler(tmp_path):
    mark = tmp_path / "executed"
    pickle.loads(pickle.dumps(ATTACKS["os.system"](mark)))
    assert mark.exists()


CHAINED = {
    "import, getattr, call": "cbuiltins\ngetattr\n(cbuiltins\n__import__\n(S'os'\ntRS'system'\ntR(S'touch {}'\ntR",
    "attributes of an admitted class": "cbuiltins\ngetattr\n(ccollections\nOrderedDict\nS'__subclasses__'\ntR(tR",
    "a dotted name": "ccollections\nOrderedDict.__init__.__globals__\n(S'touch {}'\ntR",
    "an old-style instance": "(S'touch {}'\nios\nsystem\n",
    "an object": "(cos\nsystem\nS'touch {}'\no",
    "the extension registry": "ccopyreg\nadd_extension\n(S'os'\nS'system'\nI7\ntR",
    "a new object": "cos\nsystem\n(S'touch {}'\nt\x81",
}


@pytest.mark.parametrize("chain", CHAINED)
def test_no_chain_of_names_is_followed(tmp_path, chain):
    mark = tmp_path / "executed"
    evil = CHAINED[chain].format(mark).encode("latin-1")
    with pytest.raises(UnreadableFile, match="cannot be unpickled"):
        read_tensors(archive_of(tmp_path / "x.ckpt", b"\x80\x02}(U\x01a" + evil + b"u."), ["w"])
    assert not mark.exists()


def test_what_stands_for_admitted_names_cannot_be_changed(tmp_path):
    # GLOBAL, then BUILD with a state of attributes: ordinary classes and functions would take them on.
    for name in ("collections\nOrderedDict", "torch._utils\n_rebuild_tensor_v2", "torch\nFloatStorage", "os\nsystem", "a\nb"):
        program = b"\x80\x02c" + name.encode() + b"\n}(X\x0c\x00\x00\x00__defaults__K\x01\x85X\x05\x00\x00\x00itemsK\x05ub."
        archive_of(tmp_path / "x.ckpt", program)
        with pytest.raises(UnreadableFile, match=r"cannot be unpickled \(UnpicklingError|holds no state_dict"):
            read_tensors(tmp_path / "x.ckpt", ["w"])
    assert _outcome(saved(tmp_path / "y.ckpt", {"state_dict": {"w": torch.ones(2)}}), ["w"]) == {"w": [1.0, 1.0]}


class Persistent(pickle.Pickler):
    """Pickles strings that begin with ``storage:`` as storages of one or more numbers."""

    def persistent_id(self, value):
        if isinstance(value, str) and value.startswith("storage:"):
            key, length = value.split(":")[1:]
            return ("storage", torch.FloatStorage, key, "cpu", int(length))
        return None


def tensor_program(*, key="0", length=4, offset=0, shape=(2, 2), stride=(2, 1)):
    program = io.BytesIO()
    call = Calls(torch._utils._rebuild_tensor_v2, f"storage:{key}:{length}", offset, shape, stride, False, None)
    Persistent(program, protocol=2).dump({"state_dict": {"w": call}})
    return program.getvalue()


NUMBERS = np.arange(4, dtype=np.float32).tobytes()


def test_a_checkpoint_made_by_hand_is_read(tmp_path):
    file = archive_of(tmp_path / "x.ckpt", tensor_program(), data__0=NUMBERS)
    assert read_tensors(file, ["w"])[0]["w"].tolist() == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"offset": 1}, "resize storage"),
        ({"shape": (2, 3)}, "resize storage"),
        ({"shape": (1_000_000,), "stride": (0,)}, "beyond its numbers"),
        ({"shape": (0,), "stride": (1,)}, "beyond its numbers"),
        ({"offset": -1}, "invalid storage offset"),
        ({"shape": (2,), "stride": (2, 1)}, "unequal size length"),
        ({"shape": (2, 2.0)}, "must be tuple of ints"),
        ({"length": 5}, "does not match expected size"),
        ({"length": 2**40, "shape": (2**20, 2**20), "stride": (2**20, 1)}, "does not match expected size"),
        ({"length": 1, "shape": (1,), "stride": (1,)}, "does not match expected size"),
        ({"key": "../../outside"}, "file not found"),
    ],
)
def test_tensors_that_reach_beyond_their_numbers_are_refused(tmp_path, changes, reason):
    file = archive_of(tmp_path / "x.ckpt", tensor_program(**changes), data__0=NUMBERS)
    with pytest.raises(UnreadableFile, match=reason) as caught:
        read_tensors(file, ["w"])
    assert str(file) in str(caught.value)


def test_compressed_numbers_and_foreign_byte_orders_are_refused(tmp_path):
    file = tmp_path / "x.ckpt"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("root/data.pkl", tensor_program())
        archive.writestr("root/data/0", NUMBERS)
    with pytest.raises(UnreadableFile, match="compressed"):
        read_tensors(file, ["w"])
    archive_of(file, tensor_program(), data__0=NUMBERS, byteorder=b"big")
    with pytest.raises(UnreadableFile, match="big-endian"):
        read_tensors(file, ["w"])


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (b"", "cannot be unpickled"),
        (b"\x80\x02}q", "cannot be unpickled"),
        (b"(" * 100_000 + b".", "cannot be unpickled|holds no state_dict"),
        (b"\x80\x02Nr\xff\xff\xff\x7f.", "holds no state_dict"),
        (b"\x80\x02K\x01.", "holds no state_dict"),
        (b"\x80\x02}.", "holds no state_dict"),
    ],
)
def test_damaged_pickles_are_refused(tmp_path, program, reason):
    with pytest.raises(UnreadableFile, match=reason):
        read_tensors(archive_of(tmp_path / "x.ckpt", program), ["w"])


def test_files_that_are_no_checkpoints_are_refused(tmp_path):
    file = tmp_path / "x.ckpt"
    for content, reason in ((b"", "ZIP"), (b"no archive", "ZIP")):
        file.write_bytes(content)
        with pytest.raises(UnreadableFile, match=reason):
            read_tensors(file, ["w"])
    with pytest.raises(UnreadableFile, match="No such file"):
        read_tensors(tmp_path / "none.ckpt", ["w"])
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("root/other.pkl", b"")
    with pytest.raises(UnreadableFile, match=r"no data\.pkl"):
        read_tensors(file, ["w"])
    whole = saved(tmp_path / "y.ckpt", {"w": torch.ones(1000)}).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match="ZIP"):
        read_tensors(file, ["w"])


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
def test_any_damage_gives_tensors_or_a_clear_error(tmp_path_factory, noise, place, byte):
    file = tmp_path_factory.getbasetemp() / "damaged.ckpt"
    program = bytearray(tensor_program())
    program[place % len(program)] = byte
    for damaged in (bytes(program), noise):
        archive_of(file, damaged, data__0=NUMBERS)
        found = _outcome(file, ["w"]) or {}
        assert set(found) <= {"w"}
