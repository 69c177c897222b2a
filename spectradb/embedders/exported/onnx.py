"""Running ONNX models with onnxruntime, which is an optional dependency.

The model is handed over as bytes, so that it cannot refer to other files; onnxruntime runs its own operators only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb.errors import BadModel, BadParameter, MissingDependency

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.embedders.exported.settings import ExportedSettings

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxRunner:
    """Runs one ONNX model.

    Parameters
    ----------
    file : pathlib.Path
        The model.
    settings : ExportedSettings
        Names of its inputs and of its output.

    Raises
    ------
    MissingDependency
        onnxruntime is not installed.
    BadModel
        The file is no ONNX model, or has other inputs and outputs than the settings say.
    """

    def __init__(self, file: Path, settings: ExportedSettings) -> None:
        self.kind = "onnx"
        self.place = str(file)
        self._content = file.read_bytes()
        self._settings = settings
        self._sessions = {"cpu": self._session("cpu")}
        self._output = self._checked(self._sessions["cpu"])

    def run(self, inputs: list[np.ndarray[Any, Any]], *, device: str) -> np.ndarray[Any, Any]:
        """Run the model; see :class:`spectradb.embedders.exported.embedder.Runner`."""
        if device not in self._sessions:
            self._sessions[device] = self._session(device)
        names = [one.name for one in self._settings.inputs]
        try:
            (found,) = self._sessions[device].run([self._output], dict(zip(names, inputs, strict=True)))
        except Exception as error:  # onnxruntime's errors have no common class of their own
            shapes = ", ".join(f"{name} {array.dtype}{list(array.shape)}" for name, array in zip(names, inputs, strict=True))
            raise BadModel(
                f"{self.place}: the model refuses its inputs {shapes}: {_first_line(error)}. Correct its JSON file."
            ) from error
        if not isinstance(found, np.ndarray):
            raise BadModel(f"{self.place}: the output {self._output} is no tensor. Name another as output in its JSON file.")
        return found

    def _session(self, device: str) -> Any:  # noqa: ANN401 - onnxruntime need not be installed
        try:
            import onnxruntime  # noqa: PLC0415 - optional
        except ImportError as error:
            raise MissingDependency(
                f"{self.place} is an ONNX model, which needs onnxruntime. Install it with `pip install 'spectradb[onnx]'`."
            ) from error
        kind, _, number = device.partition(":")
        provider = _PROVIDERS.get(kind)
        if provider not in onnxruntime.get_available_providers() or (number and not number.isdecimal()):
            raise BadParameter(f"device {device!r}: onnxruntime has no such provider here. Pass device='cpu'.")
        options: dict[str, str] = {"device_id": number or "0"} if kind == "cuda" else {}
        session = onnxruntime.SessionOptions()
        session.log_severity_level = 3  # errors alone, and those are raised
        session.intra_op_num_threads = _usable_cores()
        session.inter_op_num_threads = 1
        session.enable_cpu_mem_arena = False  # which keeps what the largest batch took
        try:
            return onnxruntime.InferenceSession(self._content, session, providers=[(provider, options)])
        except Exception as error:
            raise BadModel(
                f"{self.place}: onnxruntime cannot load it ({_first_line(error)}). Export the model again, as one file without "
                "external data and with standard operators."
            ) from error

    def _checked(self, session: Any) -> str:  # noqa: ANN401 - onnxruntime need not be installed
        wanted, found = {one.name for one in self._settings.inputs}, {one.name for one in session.get_inputs()}
        if wanted != found:
            raise BadModel(
                f"{self.place}: the model's inputs are {sorted(found)}, its JSON file's {sorted(wanted)}. Correct them."
            )
        outputs = [one.name for one in session.get_outputs()]
        output = self._settings.output
        if output is None and len(outputs) == 1:
            return str(outputs[0])
        if output not in outputs:
            raise BadModel(f"{self.place}: the model's outputs are {outputs}; name one of them as output in its JSON file.")
        return str(output)


def _usable_cores() -> int:
    """Count the cores that this process may use; ``OMP_NUM_THREADS`` may say fewer, as for PyTorch."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    told = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(told)) if told.isdecimal() and int(told) > 0 else cores


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
