"""A small embedder for tests, whose vectors depend on all that it is given."""

import os
import signal
import time

import numpy as np

from spectradb.arrays.half_precision import unit_rows
from spectradb.embedders.embedder import fingerprint
from spectradb.models import registry


class Toy:
    """Vectors of cosines of multiples of the summed m/z, the summed intensity and the precursor m/z.

    ``version`` changes the vectors and the fingerprint; ``seconds`` is how long a batch takes at least; after ``dies_after``
    batches the process kills itself. ``batches`` lists the sizes of the batches embedded.
    """

    kind = "toy"

    def __init__(self, name="toy", *, dimension=8, version=1, seconds=0.0, dies_after=None):
        self.name = name
        self.dimension = dimension
        self.preprocessing = {"name": name, "version": version}
        self.version = version
        self.seconds = seconds
        self.dies_after = dies_after
        self.batches = []

    @property
    def fingerprint(self):
        return fingerprint(kind=self.kind, preprocessing=self.preprocessing)

    def embed(self, batch, *, device="cpu"):
        if len(self.batches) == self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        self.batches.append(len(batch))
        time.sleep(self.seconds)
        starts = batch.offsets[:-1]
        sums = np.add.reduceat(batch.mz, starts) + np.add.reduceat(batch.intensity.astype(float), starts) + batch.precursor_mz
        return unit_rows(np.cos(np.outer(sums, np.arange(1, self.dimension + 1)) * self.version))


def register(*toys):
    """Make embedders known by their names."""
    for toy in toys:
        registry.FACTORIES[toy.name] = lambda toy=toy: toy
    registry.embedder.cache_clear()
