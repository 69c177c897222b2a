"""The analogue model as an embedder: binned and learned vector side by side, so that one dot product adds both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb.arrays.half_precision import unit_rows
from spectradb.embedders.analogue.checkpoint import STRUCTURE_MAP, load_analogue
from spectradb.embedders.analogue.features import context_features, folded, hashed_features
from spectradb.embedders.analogue.forward import forward
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.embedders.embedder import EMBEDDER_NAME, fingerprint
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.analogue.checkpoint import AnalogueCheckpoint
    from spectradb.embedders.analogue.network import AnalogueNetwork

    Singles = npt.NDArray[np.float32]

#: Spectra at once: what the network makes of them stays in a core's cache.
_CHUNK_SPECTRA, _CHUNK_PEAKS = 512, 2**15


class AnalogueEmbedder:
    """Embeds spectra with a trained analogue model.

    The vector is [sqrt(1 - w) binned, sqrt(w) learned], where w is ``learned_share`` of the model: both parts have length 1, so
    the dot product of two vectors is 1 - w times that of the binned vectors plus w times that of the learned ones.

    Parameters
    ----------
    checkpoint : AnalogueCheckpoint
        Trained model.

    Raises
    ------
    BadParameter
        The name on its card is no SQL identifier.
    """

    def __init__(self, checkpoint: AnalogueCheckpoint) -> None:
        self._checkpoint = checkpoint
        self._name = str(checkpoint.card["name"])
        self._networks: dict[str, AnalogueNetwork] = {}
        if not EMBEDDER_NAME.fullmatch(self._name):
            raise BadParameter(f"the model card's name {self._name!r} must be lower-case letters, digits and underscores")

    @classmethod
    def from_file(cls, file: Path) -> AnalogueEmbedder:
        """Load a model.

        Parameters
        ----------
        file : pathlib.Path
            ``<name>.safetensors``, with its model card beside it.

        Returns
        -------
        AnalogueEmbedder
            Ready to embed.

        Raises
        ------
        BadParameter
            The model cannot be read.
        """
        return cls(load_analogue(file))

    @property
    def name(self) -> str:
        """Name in SQL and in column names."""
        return self._name

    @property
    def kind(self) -> str:
        """Family of the method."""
        return "analogue"

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._checkpoint.shape.stored

    @property
    def n_binned(self) -> int:
        """Length of the binned part, which comes first."""
        return self._checkpoint.shape.hash_dimension

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors, except trained weights."""
        shape = self._checkpoint.card["model"]
        return {"model": shape, "binned": BinnedEmbedder(dimension=self._checkpoint.shape.features).preprocessing}

    @property
    def fingerprint(self) -> str:
        """Hash of kind, preprocessing and weights."""
        return fingerprint(kind=self.kind, preprocessing=self.preprocessing, weights=self._checkpoint.digest.encode())

    @property
    def card(self) -> dict[str, Any]:
        """Model card of the checkpoint."""
        return self._checkpoint.card

    def embed(self, batch: PeakBatch, *, device: str = "cpu") -> Singles:
        """Embed a batch of spectra.

        Parameters
        ----------
        batch : PeakBatch
            n spectra. Unknown precursor or ion mode: the learned part is made without it.
        device : str
            ``cpu`` (NumPy), ``cuda`` or ``cuda:<number>`` (PyTorch; agrees to within 1e-3).

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float32
            L2-normalised rows; zeros for a spectrum without peaks.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        if device != "cpu":
            from spectradb.arrays.device import torch_device  # noqa: PLC0415 - a CPU needs no PyTorch

            torch_device(device)
        shape = self._checkpoint.shape
        vectors = np.zeros((len(batch), self.dimension), dtype=np.float32)
        for start, chunk in batch.chunks(max_spectra=_CHUNK_SPECTRA, max_peaks=_CHUNK_PEAKS):
            hashed, context = hashed_features(chunk, shape), context_features(chunk, shape)
            part = vectors[start : start + len(chunk)]
            part[:, : shape.hash_dimension] = unit_rows(folded(hashed, shape.hash_dimension))
            part[:, : shape.hash_dimension] *= np.float32(math.sqrt(1.0 - shape.learned_share))
            learned = unit_rows(self._points(hashed * np.float32(shape.feature_scale), context, device).astype(np.float64))
            part[:, shape.hash_dimension :] = np.float32(math.sqrt(shape.learned_share)) * learned
            part[chunk.lengths == 0] = 0.0
        return vectors

    def embed_structures(self, bits: npt.NDArray[np.uint8]) -> Singles:
        """Place structures where the learned vectors of their spectra are expected.

        Parameters
        ----------
        bits : numpy.ndarray of shape (n, 4096), uint8
            From :func:`spectradb.similarity.structures.fingerprint_bits`.

        Returns
        -------
        numpy.ndarray of shape (n, dimension - n_binned), float32
            Rows of unit length; zeros for a structure without bits.
        """
        return unit_rows((bits.astype(np.float32) @ self._checkpoint.weights[STRUCTURE_MAP]).astype(np.float64))

    def _points(self, hashed: Singles, context: Singles, device: str) -> Singles:
        if device == "cpu":
            return forward(self._checkpoint.weights, hashed, context)
        import torch  # noqa: PLC0415 - a CPU needs no PyTorch

        with torch.inference_mode():
            inputs = (torch.from_numpy(part).to(device) for part in (hashed, context))
            points: Singles = self._network(device)(*inputs).cpu().numpy()
        return points

    def _network(self, device: str) -> AnalogueNetwork:
        if device not in self._networks:
            from spectradb.embedders.analogue.network import loaded_network  # noqa: PLC0415 - a CPU needs no PyTorch

            self._networks[device] = loaded_network(self._checkpoint.shape, self._checkpoint.weights).to(device)
        return self._networks[device]
