"""ONNX and TorchScript models as embedders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from spectradb.arrays.half_precision import unit_rows
from spectradb.embedders.embedder import fingerprint
from spectradb.embedders.exported.inputs import model_inputs, taken
from spectradb.errors import BadModel

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.exported.settings import ExportedSettings


class Runner(Protocol):
    """Runs one exported model.

    Attributes
    ----------
    kind : str
        ``onnx`` or ``torchscript``.
    place : str
        The model's file, for messages.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102 - described in the class docstring

    @property
    def place(self) -> str: ...  # noqa: D102 - described in the class docstring

    def run(self, inputs: list[np.ndarray[Any, Any]], *, device: str) -> np.ndarray[Any, Any]:
        """Run the model.

        Parameters
        ----------
        inputs : list of numpy.ndarray
            In the order of its settings.
        device : str
            ``cpu``, ``cuda`` or ``cuda:<number>``.

        Returns
        -------
        numpy.ndarray
            The output that its settings name.

        Raises
        ------
        BadModel
            The model refuses the inputs.
        BadParameter
            The device is unknown or absent.
        """
        ...


class ExportedEmbedder:
    """Embeds spectra with an exported model.

    Parameters
    ----------
    runner : Runner
        Runs the model.
    settings : ExportedSettings
        How spectra become its inputs.
    name : str
        Name in SQL and in column names.
    digest : str
        SHA-256 of the model's file.
    """

    def __init__(self, runner: Runner, settings: ExportedSettings, *, name: str, digest: str) -> None:
        self._runner = runner
        self._settings = settings
        self._name = name
        self._digest = digest

    @property
    def name(self) -> str:
        """Name in SQL and in column names."""
        return self._name

    @property
    def kind(self) -> str:
        """Family of the method."""
        return self._runner.kind

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._settings.dimension

    @property
    def ion_modes(self) -> tuple[str, ...]:
        """Ion modes of the spectra that it was trained on."""
        return self._settings.ion_modes

    @property
    def card(self) -> dict[str, Any]:
        """What its JSON file tells about it."""
        return {name: getattr(self._settings, name) for name in ("licence", "training_data", "notes")}

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors, except the model's file."""
        return self._settings.preprocessing

    @property
    def fingerprint(self) -> str:
        """Hash of kind, preprocessing and the model's file."""
        return fingerprint(kind=self.kind, preprocessing=self.preprocessing, weights=self._digest.encode())

    def embed(self, batch: PeakBatch, *, device: str = "cpu") -> npt.NDArray[np.float32]:
        """Embed a batch of spectra.

        Parameters
        ----------
        batch : PeakBatch
            n spectra.
        device : str
            ``cpu``, ``cuda`` or ``cuda:<number>``.

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float32
            L2-normalised rows; zeros for a spectrum without peaks, and without a precursor m/z where the model reads it.

        Raises
        ------
        BadModel
            The model does not give what its settings promise.
        BadParameter
            The device is unknown or absent.
        """
        usable = batch.lengths > 0
        if self._settings.reads_precursor:
            usable &= np.isfinite(batch.precursor_mz) & (batch.precursor_mz > 0)
        rows = np.flatnonzero(usable)
        # Spectra of similar length go together: there is less padding.
        rows = rows[np.argsort(batch.lengths[rows], kind="stable")]
        vectors = np.zeros((len(batch), self.dimension), dtype=np.float32)
        for start in range(0, len(rows), self._settings.max_batch):
            part = rows[start : start + self._settings.max_batch]
            inputs = model_inputs(taken(batch, part), self._settings)
            vectors[part] = self._checked(self._runner.run(inputs, device=device), len(part))
        return vectors

    def _checked(self, output: np.ndarray[Any, Any], n: int) -> npt.NDArray[np.float32]:
        if output.shape != (n, self.dimension):
            raise BadModel(
                f"{self._runner.place}: the model returned an array of shape {output.shape} for {n} spectra; its JSON file "
                f"promises ({n}, {self.dimension}). Correct dimension or output there, or set max_batch to 1 if the model "
                "takes one spectrum at a time."
            )
        vectors = output.astype(np.float64)
        if not np.isfinite(vectors).all():
            raise BadModel(f"{self._runner.place}: the model returned numbers that are not finite. Export it again.")
        if not self._settings.l2_normalise:
            norms = np.linalg.norm(vectors, axis=1)
            if np.abs(norms - 1.0).max() > 1e-2:
                raise BadModel(
                    f"{self._runner.place}: the model returned a vector of length {norms[np.argmax(np.abs(norms - 1.0))]:.4g}, "
                    "not 1. Set l2_normalise to true in its JSON file."
                )
        return unit_rows(vectors)
