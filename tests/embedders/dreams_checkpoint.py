"""Checkpoints of DreaMS's shape with random weights, written as the published one is, and the network in plain numpy."""

import sys
import types

import numpy as np
import torch

FREQUENCIES = np.array([1 / (1e-4 * i) for i in range(2, 10000, 2)] + [1 / i for i in range(2, 1000)], dtype=np.float32)
FOURIER_STEPS = (0, 3, 6, 9, 12)


def random_state(seed=0):
    """Make weights of every layer, the heads of the pre-training among them."""
    chance = np.random.default_rng(seed)

    def normal(*shape, scale=None):
        scale = (1.6 / shape[-1]) ** 0.5 if scale is None else scale
        return chance.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    state = {"backbone.fourier_enc.b": FREQUENCIES[None]}
    state["backbone.ff_peak.ff.0.weight"] = normal(44, 2, scale=1.0)
    state["backbone.ff_peak.ff.0.bias"] = normal(44, scale=0.1)
    widths = (11994, 512, 512, 512, 512, 980)
    for step, before, after in zip(FOURIER_STEPS, widths[:-1], widths[1:], strict=True):
        state[f"backbone.ff_fourier.ff.{step}.weight"] = normal(after, before)
        state[f"backbone.ff_fourier.ff.{step}.bias"] = normal(after, scale=0.05)
    # So that the attention bias, a sum of 980 numbers, leaves more than one key to attend to.
    state["backbone.ff_fourier.ff.12.weight"] *= np.float32(0.02)
    state["backbone.ff_fourier.ff.12.bias"] *= np.float32(0.02)
    for i in range(7):
        state[f"backbone.transformer_encoder.atts.{i}.weights"] = normal(4096, 1024)
        state[f"backbone.transformer_encoder.ffs.{i}.in_proj.weight"] = normal(4096, 1024)
        state[f"backbone.transformer_encoder.ffs.{i}.out_proj.weight"] = normal(1024, 4096)
    for i in range(15):
        state[f"backbone.transformer_encoder.scales.{i}.weight"] = 1 + normal(1024, scale=0.1)
        state[f"backbone.transformer_encoder.scales.{i}.bias"] = normal(1024, scale=0.1)
    state["backbone.ff_out.ff.0.weight"] = normal(64, 1024)
    state["backbone.ro_out.weight"] = normal(1, 2048)
    state["head.weight"] = normal(1024, 1024)
    state["head.bias"] = normal(1024, scale=0.1)
    return state


def save_foreign(content, file):
    """Save with classes of a module that is gone when the file is read."""
    module = types.ModuleType("vanished.package")
    parent = types.ModuleType("vanished")
    for name in ("Hyperparameters", "Callback"):
        setattr(module, name, type(name, (), {"__module__": "vanished.package"}))
    sys.modules |= {"vanished": parent, "vanished.package": module}
    parent.package = module
    try:
        torch.save(content(module), file)
    finally:
        del sys.modules["vanished"], sys.modules["vanished.package"]


def save_checkpoint(state, file):
    """Write a checkpoint as PyTorch Lightning does, with foreign classes among its hyperparameters and an optimizer's state."""
    tensors = torch.nn.Module().state_dict()  # an ordered dict with the metadata attribute that real ones carry
    tensors.update({name: torch.from_numpy(value) for name, value in state.items()})

    def content(module):
        settings = module.Hyperparameters()
        settings.values = {"dtype": torch.float32, "callback": module.Callback, "array": np.arange(3)}
        return {
            "epoch": 3,
            "pytorch-lightning_version": "2.0.8",
            "state_dict": tensors,
            "hyper_parameters": settings,
            "callbacks": {module.Callback(): [settings]},
            "optimizer_states": [{"state": {0: {"step": torch.tensor(5), "exp_avg": torch.ones(3)}}}],
        }

    save_foreign(content, file)


def reference_vector(state, mz, intensity, precursor_mz):
    """Compute the vector of one spectrum, token by token as the description has it, in float64 but for the phases."""
    weights = state  # float32 times float64 is float64
    mz, intensity = np.asarray(mz, float), np.asarray(intensity, float)
    kept = np.sort(np.argsort(-intensity, kind="stable")[:100])
    tokens = np.zeros((101, 2), np.float32)
    tokens[0] = precursor_mz, 1.1
    tokens[1 : 1 + len(kept), 0] = mz[kept]
    tokens[1 : 1 + len(kept), 1] = intensity[kept] / intensity.max()

    phase = (np.float32(2 * np.pi) * tokens[:, :1]) * state["backbone.fourier_enc.b"]
    assert phase.dtype == np.float32
    four = np.concatenate([np.cos(phase.astype(float)), np.sin(phase.astype(float))], axis=1)
    for step in FOURIER_STEPS:
        name = f"backbone.ff_fourier.ff.{step}"
        four = np.maximum(four @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], 0)
    peak = tokens.astype(float) / [1000.0, 1.0]
    peak = np.maximum(peak @ weights["backbone.ff_peak.ff.0.weight"].T + weights["backbone.ff_peak.ff.0.bias"], 0)
    x = np.concatenate([peak, four], axis=1)
    bias = (four[:, None, :] - four[None, :, :]).sum(axis=2)
    padding = tokens[:, 0] == 0

    def norm(i, values):
        centred = values - values.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        name = f"backbone.transformer_encoder.scales.{i}"
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    for i in range(7):
        normed = norm(2 * i, x)
        q, k, v, o = np.split(weights[f"backbone.transformer_encoder.atts.{i}.weights"].astype(float), 4)
        heads = []
        for head in range(8):
            part = slice(128 * head, 128 * (head + 1))
            score = (normed @ q[part].T) @ (normed @ k[part].T).T / np.sqrt(128) + bias
            score[padding] = -1e9
            share = np.exp(score - score.max(axis=1, keepdims=True))
            heads.append(share / share.sum(axis=1, keepdims=True) @ (normed @ v[part].T))
        x = x + np.concatenate(heads, axis=1) @ o.T
        name = f"backbone.transformer_encoder.ffs.{i}"
        inner = np.maximum(norm(2 * i + 1, x) @ weights[f"{name}.in_proj.weight"].T, 0)
        x = x + inner @ weights[f"{name}.out_proj.weight"].T
    vector = weights["head.weight"] @ norm(14, x)[0] + weights["head.bias"]
    return vector / np.linalg.norm(vector)
