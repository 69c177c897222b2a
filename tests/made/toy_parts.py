"""An embedder of two parts, for tests."""

import numpy as np

from spectradb.arrays.half_precision import unit_rows


class Parts:
    """Hash vectors and pooled vectors of waves of the first peak's m/z."""

    name = "parts"

    def embed_parts(self, batch, *, device="cpu"):
        mz = batch.mz[batch.offsets[:-1]]
        return tuple(unit_rows(np.cos(np.outer(mz, np.arange(1, 4) * factor))) for factor in (0.1, 0.37))

    def embed(self, batch, *, device="cpu"):
        return unit_rows(np.concatenate(self.embed_parts(batch), axis=1).astype(np.float64))
