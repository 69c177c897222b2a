"""Encoding on a GPU without a pause: while it works on some spectra, the vectors of those before travel back."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from spectradb.embedders.transformer.padding_torch import pad_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.transformer.network import SpectrumEncoder
    from spectradb.embedders.transformer.tokens import PaddedPeaks

CHUNK_SPECTRA, CHUNK_PEAKS = 2**16, 2**22
CHUNKS_ON_THE_WAY = 2  # that wait to be copied, in pinned memory


def encode_batch(
    model: SpectrumEncoder,
    batch: PeakBatch,
    *,
    weights: tuple[float, float],
    buckets: Callable[[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]],
    device: torch.device,
) -> npt.NDArray[np.float32]:
    """Pad and encode spectra on a device.

    Parameters
    ----------
    model : SpectrumEncoder
        The network, on the device.
    batch : PeakBatch
        n spectra.
    weights : tuple of float
        Factors on the hash vectors and on the pooled vectors; 0 leaves a part out.
    buckets : callable
        Takes the lengths of some spectra and returns rows to encode together, ascending in length.
    device : torch.device
        Where; on a CPU the same is done step by step.

    Returns
    -------
    numpy.ndarray of shape (n, d), float32
        The parts side by side, each times its weight; zeros for a spectrum without peaks.
    """
    n_peaks = model.config.n_peaks

    def parts() -> Iterator[tuple[int, torch.Tensor]]:
        for start, chunk in batch.chunks(max_spectra=CHUNK_SPECTRA, max_peaks=CHUNK_PEAKS):
            lengths = np.minimum(chunk.lengths, n_peaks)
            peaks = pad_on(chunk, n_peaks=n_peaks, device=device)
            yield start, _encoded(model, peaks, weights, lengths, buckets(lengths))

    return _collected(len(batch), _dimension(model, weights), parts(), device)


def encode_padded(
    model: SpectrumEncoder,
    peaks: PaddedPeaks,
    *,
    weights: tuple[float, float],
    buckets: Callable[[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]],
    device: torch.device,
) -> npt.NDArray[np.float32]:
    """Encode padded spectra on a device.

    Parameters
    ----------
    model : SpectrumEncoder
        The network, on the device.
    peaks : PaddedPeaks
        n spectra, on the CPU.
    weights : tuple of float
        As for :func:`encode_batch`.
    buckets : callable
        As for :func:`encode_batch`.
    device : torch.device
        Where.

    Returns
    -------
    numpy.ndarray of shape (n, d), float32
        As :func:`encode_batch`.
    """

    def parts() -> Iterator[tuple[int, torch.Tensor]]:
        for start in range(0, len(peaks), CHUNK_SPECTRA):
            chunk = peaks.take(torch.arange(start, min(start + CHUNK_SPECTRA, len(peaks))))
            lengths = chunk.lengths.numpy()
            yield start, _encoded(model, chunk.to(device), weights, lengths, buckets(lengths))

    return _collected(len(peaks), _dimension(model, weights), parts(), device)


def _dimension(model: SpectrumEncoder, weights: tuple[float, float]) -> int:
    sizes = (model.config.hash_dimension, model.config.dimension)
    return sum(size for size, weight in zip(sizes, weights, strict=True) if weight)


def _encoded(
    model: SpectrumEncoder,
    peaks: PaddedPeaks,
    weights: tuple[float, float],
    lengths: npt.NDArray[np.int64],
    groups: list[npt.NDArray[np.int64]],
) -> torch.Tensor:
    """Encode buckets of spectra that are on the device, and leave the vectors there."""
    device = peaks.mz.device
    vectors = torch.zeros(len(peaks), _dimension(model, weights), device=device)
    with torch.inference_mode():
        for group in groups:
            sent = torch.from_numpy(group)
            rows = sent.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else sent
            parts = model(peaks.take(rows, length=int(lengths[group[-1]])))
            vectors[rows] = torch.cat([weight * part for weight, part in zip(weights, parts, strict=True) if weight], dim=1)
    return vectors


def _collected(
    n: int, dimension: int, parts: Iterator[tuple[int, torch.Tensor]], device: torch.device
) -> npt.NDArray[np.float32]:
    vectors = np.empty((n, dimension), dtype=np.float32)
    returning = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
    # Copying out of the buffers takes about as long as a small network does, so another thread does it.
    with ThreadPoolExecutor(max_workers=1) as copying:
        taken: deque[Future[None]] = deque()
        for start, made in parts:
            taken.append(copying.submit(_take, vectors, start, _returned(made, returning)))
            if len(taken) > CHUNKS_ON_THE_WAY:
                taken.popleft().result()
        for chunk in taken:
            chunk.result()
    return vectors


def _take(vectors: npt.NDArray[np.float32], start: int, arriving: Callable[[], torch.Tensor]) -> None:
    arrived = arriving().numpy()
    vectors[start : start + len(arrived)] = arrived


def _returned(made: torch.Tensor, stream: torch.cuda.Stream | None) -> Callable[[], torch.Tensor]:
    """Begin to copy vectors to the CPU; the function returned waits for them."""
    if stream is None:
        return lambda: made
    stream.wait_stream(torch.cuda.current_stream(stream.device))
    with torch.cuda.stream(stream):
        copied = torch.empty(made.shape, dtype=made.dtype, pin_memory=True)
        copied.copy_(made, non_blocking=True)
        made.record_stream(stream)  # its memory is not given to others before the copy is done
        done = stream.record_event()

    def wait() -> torch.Tensor:
        done.synchronize()
        return copied

    return wait
