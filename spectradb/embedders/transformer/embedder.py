"""A trained encoder as an embedder: its hash vector and its pooled vector side by side, so that one dot product fuses them."""

from __future__ import annotations

import math
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from spectradb.arrays.device import torch_device
from spectradb.embedders.embedder import EMBEDDER_NAME, fingerprint
from spectradb.embedders.transformer.checkpoint import load_checkpoint
from spectradb.embedders.transformer.gpu import encode_batch, encode_padded
from spectradb.embedders.transformer.packed import PackedEncoder, multiplies_bfloat16
from spectradb.embedders.transformer.threads import for_each
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.transformer.checkpoint import Checkpoint
    from spectradb.embedders.transformer.network import SpectrumEncoder
    from spectradb.embedders.transformer.tokens import PaddedPeaks

TOKENS_AT_ONCE = {"cpu": 2**11, "cuda": 2**17}  # a batch whose activations stay in a core's cache; one that fills a GPU


class TransformerEmbedder:
    """Embeds spectra with a checkpoint.

    The vector is [sqrt(w) hash, sqrt(1 - w) encoded], where w is the checkpoint's ``hash_share``: both parts have length 1, so
    the dot product of two vectors is w times the product of the hashes plus 1 - w times that of the encodings.

    Parameters
    ----------
    checkpoint : Checkpoint
        Trained encoder.
    hash_share : float, optional
        w, in [0, 1]; 0 leaves the hash out, 1 the pooled vector. None: as the model card says.
    half_products : bool, optional
        Whether a CPU multiplies in bfloat16, as :mod:`spectradb.embedders.transformer.packed` does: the cosine of a vector to
        that in float32 is above 0.9999. None: where it has instructions for that.

    Raises
    ------
    BadParameter
        The name is no SQL identifier, or the share is out of range.
    """

    def __init__(self, checkpoint: Checkpoint, *, hash_share: float | None = None, half_products: bool | None = None) -> None:
        self._checkpoint = checkpoint
        self._models = {torch.device("cpu"): checkpoint.model}
        self._hash_share = float(checkpoint.card["hash_share"] if hash_share is None else hash_share)
        self._half_products = multiplies_bfloat16() if half_products is None else half_products
        self._name = str(checkpoint.card["name"])
        if not EMBEDDER_NAME.fullmatch(self._name):
            raise BadParameter(f"the model card's name {self._name!r} must be lower-case letters, digits and underscores")
        if not 0.0 <= self._hash_share <= 1.0:
            raise BadParameter(f"hash_share is {self._hash_share}; pass a share between 0 and 1")

    @classmethod
    def from_file(cls, file: Path) -> TransformerEmbedder:
        """Load a checkpoint.

        Parameters
        ----------
        file : pathlib.Path
            ``<name>.safetensors``, with its model card beside it.

        Returns
        -------
        TransformerEmbedder
            Ready to embed.

        Raises
        ------
        BadParameter
            The checkpoint cannot be read.
        """
        return cls(load_checkpoint(file))

    @property
    def name(self) -> str:
        """Name in SQL and in column names."""
        return self._name

    @property
    def kind(self) -> str:
        """Family of the method."""
        return "transformer"

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        config = self._checkpoint.model.config
        return (config.hash_dimension if self._hash_share > 0 else 0) + (config.dimension if self._hash_share < 1 else 0)

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors, except trained weights."""
        return {"hash_share": self._hash_share, "model": self._checkpoint.card["model"], "intensity": "relative to base peak"}

    @property
    def fingerprint(self) -> str:
        """Hash of kind, preprocessing and weights."""
        return fingerprint(kind=self.kind, preprocessing=self.preprocessing, weights=self._checkpoint.digest.encode())

    @property
    def card(self) -> dict[str, Any]:
        """Model card of the checkpoint."""
        return self._checkpoint.card

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
            L2-normalised rows; zeros for a spectrum without peaks.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        target = torch_device(device)
        if target.type == "cpu":
            return self.embed_prepared(self.prepare(batch))
        model, buckets = self._model(target), _buckets_of(target)
        return encode_batch(model, batch, weights=self._weights, buckets=buckets, device=target)

    def prepare(self, batch: PeakBatch) -> PaddedPeaks:
        """Choose and pad the peaks of a batch, which needs no model.

        Parameters
        ----------
        batch : PeakBatch
            n spectra.

        Returns
        -------
        PaddedPeaks
            What :meth:`embed_prepared` takes.
        """
        return pad_peaks(batch, n_peaks=self._checkpoint.model.config.n_peaks)

    def embed_prepared(self, prepared: PaddedPeaks, *, device: str = "cpu") -> npt.NDArray[np.float32]:
        """Embed spectra whose peaks are padded.

        Parameters
        ----------
        prepared : PaddedPeaks
            n spectra from :meth:`prepare`.
        device : str
            As for :meth:`embed`.

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float32
            As :meth:`embed`.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        target = torch_device(device)
        if target.type != "cpu":
            model, buckets = self._model(target), _buckets_of(target)
            return encode_padded(model, prepared, weights=self._weights, buckets=buckets, device=target)
        parts = zip(self._weights, self._encode(prepared), strict=True)
        return np.concatenate([np.float32(weight) * part for weight, part in parts if weight], axis=1)

    @property
    def _weights(self) -> tuple[float, float]:
        """Factors on the hash and on the pooled vector."""
        return math.sqrt(self._hash_share), math.sqrt(1.0 - self._hash_share)

    def embed_parts(self, batch: PeakBatch, *, device: str = "cpu") -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Embed a batch of spectra and keep the two parts apart.

        Parameters
        ----------
        batch : PeakBatch
            n spectra.
        device : str
            As for :meth:`embed`.

        Returns
        -------
        hashed, encoded : numpy.ndarray of shape (n, hash_dimension) and (n, dimension), float32
            Unit rows; zeros for a spectrum without peaks.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        target = torch_device(device)
        if target.type == "cpu":
            return self._encode(self.prepare(batch))
        model, buckets = self._model(target), _buckets_of(target)
        vectors = encode_batch(model, batch, weights=(1.0, 1.0), buckets=buckets, device=target)
        n_hashed = model.config.hash_dimension
        return vectors[:, :n_hashed], vectors[:, n_hashed:]

    def _encode(self, peaks: PaddedPeaks) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        config = self._checkpoint.model.config
        lengths = peaks.lengths.numpy()
        hashed = np.zeros((len(peaks), config.hash_dimension), dtype=np.float32)
        encoded = np.zeros((len(peaks), config.dimension), dtype=np.float32)
        packed = self._packed if self._half_products else None
        model = self._checkpoint.model if packed is None else packed

        def encode(rows: npt.NDArray[np.int64]) -> None:
            with torch.inference_mode():
                first, second = model(peaks.take(torch.from_numpy(rows), length=int(lengths[rows[-1]])))
                hashed[rows], encoded[rows] = first.numpy(), second.numpy()

        threads = torch.get_num_threads()
        buckets = partial(PackedEncoder.tiles, threads=threads) if packed else _buckets_of(torch.device("cpu"))
        # On a CPU each group is one thread's: threads that shared a group would wait for each other at every layer. The longest
        # come first, so that none ends long after the others.
        for_each(encode, buckets(lengths)[::-1], threads=threads, share=packed is None)
        return hashed, encoded

    @cached_property
    def _packed(self) -> PackedEncoder:
        return PackedEncoder(self._checkpoint.model)

    def _model(self, device: torch.device) -> SpectrumEncoder:
        if device not in self._models:
            copied = type(self._checkpoint.model)(self._checkpoint.model.config)
            copied.load_state_dict(self._checkpoint.model.state_dict())
            self._models[device] = copied.to(device).eval()
        return self._models[device]


def _buckets_of(device: torch.device) -> Callable[[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]]:
    return partial(length_buckets, tokens=TOKENS_AT_ONCE[device.type])


def length_buckets(lengths: npt.NDArray[np.int64], *, tokens: int) -> list[npt.NDArray[np.int64]]:
    """Group spectra of similar length, so that little is spent on padding.

    Parameters
    ----------
    lengths : numpy.ndarray of shape (n,), int64
        Peaks per spectrum.
    tokens : int
        Padded tokens per group, at most, the precursor's included; a longer spectrum is a group of its own.

    Returns
    -------
    list of numpy.ndarray, int64
        Rows of each group in ascending order of length; spectra without peaks are in none.
    """
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    ascending = lengths[order]
    groups = []
    start = 0
    while start < len(order):
        # The longest of a group decides its padded size; lengths ascend, so the size grows with the group.
        sizes = (ascending[start : start + tokens] + 1) * np.arange(1, len(ascending[start : start + tokens]) + 1)
        stop = start + max(int(np.searchsorted(sizes, tokens, side="right")), 1)
        groups.append(order[start:stop])
        start = stop
    return groups
