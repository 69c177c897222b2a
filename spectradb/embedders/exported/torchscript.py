"""Running TorchScript models, which somebody must have said to trust.

A TorchScript archive holds code. PyTorch runs it in an interpreter of its own, without Python, yet that code can read and write
files, and PyTorch's authors advise against loading archives from sources that one does not trust. So an archive is loaded only
after its user has said that it may be; see :mod:`spectradb.embedders.exported.trust`.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from spectradb.arrays.device import torch_device
from spectradb.errors import BadModel

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.embedders.exported.settings import ExportedSettings


class TorchScriptRunner:
    """Runs one TorchScript model that is trusted.

    Parameters
    ----------
    file : pathlib.Path
        The model.
    content : bytes
        What the file holds, as it was trusted.
    settings : ExportedSettings
        Its inputs and its output.

    Raises
    ------
    BadModel
        The file is no TorchScript model.
    """

    def __init__(self, file: Path, content: bytes, settings: ExportedSettings) -> None:
        self.kind = "torchscript"
        self.place = str(file)
        self._content = content
        self._settings = settings
        self._models = {torch.device("cpu"): self._load(torch.device("cpu"))}

    def run(self, inputs: list[np.ndarray[Any, Any]], *, device: str) -> np.ndarray[Any, Any]:
        """Run the model; see :class:`spectradb.embedders.exported.embedder.Runner`."""
        target = torch_device(device)
        if target not in self._models:
            self._models[target] = self._load(target)
        tensors = [torch.from_numpy(array).to(target) for array in inputs]
        try:
            with torch.inference_mode():
                returned = self._models[target](*tensors)
        except RuntimeError as error:
            shapes = ", ".join(f"{array.dtype}{list(array.shape)}" for array in inputs)
            reason = str(error).strip().rpartition("\n")[2][:300]
            raise BadModel(f"{self.place}: the model refuses its inputs {shapes}: {reason}. Correct its JSON file.") from error
        output = self._settings.output
        if isinstance(returned, tuple | list):
            returned = dict(enumerate(returned))
        if isinstance(returned, dict):
            returned = returned.get(output)
        if not isinstance(returned, torch.Tensor):
            raise BadModel(
                f"{self.place}: the model did not return a tensor as output {output!r}. Give the position in the tuple that it "
                "returns, or the key in its dict, as output in its JSON file."
            )
        return np.asarray(returned.detach().to("cpu", torch.float32).numpy())

    def _load(self, device: torch.device) -> Any:  # noqa: ANN401 - what TorchScript returns is not typed
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # TorchScript itself is
                model = torch.jit.load(io.BytesIO(self._content), map_location=device)  # type: ignore[no-untyped-call]
        except (RuntimeError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0][:300]
            raise BadModel(
                f"{self.place}: PyTorch cannot load it ({reason}). Save the model with torch.jit.script(model).save(file)."
            ) from error
        return model.eval()
