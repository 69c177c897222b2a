"""DreaMS as an embedder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from spectradb.arrays.device import torch_device
from spectradb.arrays.half_precision import unit_rows
from spectradb.embedders.dreams.card import CARD, DIMENSION, ION_MODES, KIND
from spectradb.embedders.dreams.conversion import load_weights
from spectradb.embedders.dreams.network import MZ_SCALE, N_PEAKS, PRECURSOR_INTENSITY, DreamsNetwork
from spectradb.embedders.embedder import fingerprint
from spectradb.embedders.transformer.embedder import length_buckets
from spectradb.embedders.transformer.tokens import pad_peaks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch

# A token has 11,994 Fourier features of 4 bytes, and their phases.
TOKENS_AT_ONCE = {"cpu": 2**11, "cuda": 2**15}


class DreamsEmbedder:
    """Embeds spectra with the network of DreaMS.

    Parameters
    ----------
    weights : dict of str to torch.Tensor
        As :func:`spectradb.embedders.dreams.conversion.load_weights` returns them.
    name : str
        Name in SQL and in column names.
    digest : str
        SHA-256 of the weights file.
    """

    def __init__(self, weights: dict[str, torch.Tensor], *, name: str, digest: str) -> None:
        self._networks = {torch.device("cpu"): DreamsNetwork(weights)}
        self._name = name
        self._digest = digest

    @classmethod
    def from_file(cls, file: Path, *, name: str, digest: str) -> DreamsEmbedder:
        """Load converted weights.

        Parameters
        ----------
        file : pathlib.Path
            A file of :func:`spectradb.embedders.dreams.conversion.convert_checkpoint`.
        name, digest : str
            As for the class.

        Returns
        -------
        DreamsEmbedder
            Ready to embed.

        Raises
        ------
        BadModel
            The file is damaged or holds other weights.
        """
        return cls(load_weights(file), name=name, digest=digest)

    @property
    def name(self) -> str:
        """Name in SQL and in column names."""
        return self._name

    @property
    def kind(self) -> str:
        """Family of the method."""
        return KIND

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return DIMENSION

    @property
    def ion_modes(self) -> tuple[str, ...]:
        """Ion modes of the spectra that it was trained on."""
        return ION_MODES

    @property
    def card(self) -> dict[str, Any]:
        """Where the weights come from and where they hold."""
        return dict(CARD)

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors, except trained weights."""
        return {
            "n_peaks": N_PEAKS,
            "peak_order": "mz",
            "intensity": "relative to base peak",
            "precursor_token": PRECURSOR_INTENSITY,
            "mz_scale": MZ_SCALE,
            "padding": N_PEAKS + 1,
        }

    @property
    def fingerprint(self) -> str:
        """Hash of kind, preprocessing and weights."""
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
        numpy.ndarray of shape (n, 1024), float32
            L2-normalised rows; zeros for a spectrum without peaks or without a precursor m/z. How spectra are batched plays no
            part beyond rounding.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        target = torch_device(device)
        network = self._network(target)
        peaks = pad_peaks(batch, n_peaks=N_PEAKS)
        known = peaks.precursor_mz.numpy() > 0
        lengths = np.where(known, peaks.lengths.numpy(), 0)
        vectors = np.zeros((len(batch), DIMENSION), dtype=np.float32)
        with torch.inference_mode(), _full_single_precision():
            for rows in length_buckets(lengths, tokens=TOKENS_AT_ONCE[target.type]):
                part = peaks.take(torch.from_numpy(rows), length=int(lengths[rows[-1]]))
                found = network(
                    part.mz.to(target, torch.float32), part.intensity.to(target), part.precursor_mz.to(target, torch.float32)
                )
                vectors[rows] = unit_rows(found.cpu().numpy().astype(np.float64))
        return vectors

    def _network(self, device: torch.device) -> DreamsNetwork:
        if device not in self._networks:
            self._networks[device] = self._networks[torch.device("cpu")].to(device)
        return self._networks[device]


@contextmanager
def _full_single_precision() -> Iterator[None]:
    """Keep matrix products from being rounded to TF32, whatever the program around has chosen."""
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    try:
        yield
    finally:
        torch.backends.cuda.matmul.fp32_precision = before
