"""What an embedder is: a named function from peaks to unit vectors whose every ingredient is on record."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch

#: Names become parts of SQL column names (``embedding_<name>``), so they are lower-case identifiers.
EMBEDDER_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Embedder(Protocol):
    """Turns spectra into vectors whose dot product says how alike two spectra are.

    Attributes
    ----------
    name : str
        Lower-case SQL identifier that matches :data:`EMBEDDER_NAME`.
    kind : str
        Family of the method: ``hash``, ``transformer``, ...
    dimension : int
        Length of each vector.
    preprocessing : dict
        Everything that changes the vectors, except trained weights, as values that JSON can hold.
    fingerprint : str
        Differs whenever the vectors may differ; see :func:`fingerprint`.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described in the class docstring

    @property
    def kind(self) -> str: ...  # noqa: D102 - described in the class docstring

    @property
    def dimension(self) -> int: ...  # noqa: D102 - described in the class docstring

    @property
    def preprocessing(self) -> dict[str, Any]: ...  # noqa: D102 - described in the class docstring

    @property
    def fingerprint(self) -> str: ...  # noqa: D102 - described in the class docstring

    def embed(self, batch: PeakBatch, *, device: str = "cpu") -> npt.NDArray[np.float32]:
        """Embed a batch of spectra.

        Parameters
        ----------
        batch : PeakBatch
            n spectra.
        device : str
            Where to compute: ``cpu``, ``cuda`` or ``cuda:<number>``.

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float32
            L2-normalised rows; zeros for a spectrum without peaks.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        ...


@runtime_checkable
class PreparingEmbedder(Embedder, Protocol):
    """An embedder whose work has two parts, so that one batch can be prepared while the model works on another."""

    def prepare(self, batch: PeakBatch) -> Any:  # noqa: ANN401 - known to the embedder alone
        """Do what needs no model.

        Parameters
        ----------
        batch : PeakBatch
            n spectra.

        Returns
        -------
        object
            What :meth:`embed_prepared` takes.
        """
        ...

    def embed_prepared(self, prepared: Any, *, device: str = "cpu") -> npt.NDArray[np.float32]:  # noqa: ANN401
        """Do the rest.

        Parameters
        ----------
        prepared : object
            What :meth:`prepare` returned.
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
        ...


def fingerprint(*, kind: str, preprocessing: dict[str, Any], weights: bytes = b"") -> str:
    """Hash everything that determines an embedder's vectors.

    Parameters
    ----------
    kind : str
        Family of the method.
    preprocessing : dict
        Settings that JSON can hold; the order of keys does not matter.
    weights : bytes
        Trained weights or a digest of them; empty for a method without.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits.
    """
    settings = json.dumps([kind, preprocessing], sort_keys=True, separators=(",", ":"), allow_nan=False)
    # Weights are hashed apart first, so that no text of settings can run into them.
    return hashlib.sha256(settings.encode() + hashlib.sha256(weights).digest()).hexdigest()
