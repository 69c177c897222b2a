"""Structures among the vectors of the analogue model, so that structures without any reference spectrum can be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa

from spectradb.models.registry import OPEN_EMBEDDER, embedder
from spectradb.similarity.structures import fingerprint_bits

if TYPE_CHECKING:
    from spectradb.embedders.analogue.embedder import AnalogueEmbedder


def structure_vector_array(smiles: pa.ChunkedArray) -> pa.Array:
    """Place structures where the vectors of their spectra are expected.

    Parameters
    ----------
    smiles : pyarrow.ChunkedArray of n strings
        Structures.

    Returns
    -------
    pyarrow.FixedSizeListArray
        n unit vectors, whose part for binned peaks is zero; NULL where a structure cannot be read.
    """
    model = cast("AnalogueEmbedder", embedder(OPEN_EMBEDDER))
    texts = np.array([text or "" for text in smiles.to_pylist()], dtype=object)
    distinct, number = np.unique(texts.astype(str), return_inverse=True)
    placed = np.zeros((len(distinct), model.dimension), dtype=np.float32)
    placed[:, model.n_binned :] = model.embed_structures(fingerprint_bits(distinct.tolist()))
    vectors = placed[number]
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), model.dimension, mask=pa.array(~vectors.any(axis=1)))
