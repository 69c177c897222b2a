"""The analogue network in PyTorch, as it is trained and as it runs on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from spectradb.embedders.analogue.checkpoint import STRUCTURE_MAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

    from spectradb.embedders.analogue.shape import AnalogueShape

#: The last weights start this much smaller than usual, so that training starts near the middle of the space.
_LAST_SCALE = 0.1


class AnalogueNetwork(nn.Module):
    """From hashed features, precursor and ion mode to a point in the space of structures.

    Parameters
    ----------
    shape : AnalogueShape
        Sizes.
    """

    def __init__(self, shape: AnalogueShape) -> None:
        super().__init__()
        width = shape.width
        self.hashed = nn.Linear(shape.features, width)
        self.context = nn.Linear(shape.context, width, bias=False)
        self.entry, self.inner, self.exit = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        self.last = nn.Linear(width, shape.dimension)
        self.gelu, self.dropout = nn.GELU(approximate="tanh"), nn.Dropout(shape.dropout)
        with torch.no_grad():
            self.last.weight.mul_(_LAST_SCALE)
            self.last.bias.mul_(_LAST_SCALE)

    def forward(self, hashed: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """Compute points.

        Parameters
        ----------
        hashed : torch.Tensor of shape (n, features)
            Hashed features.
        context : torch.Tensor of shape (n, context)
            Precursor and ion mode.

        Returns
        -------
        torch.Tensor of shape (n, dimension)
            Points in the space of structures, of any length.
        """
        hidden = self.dropout(self.gelu(self.entry(self.hashed(hashed) + self.context(context))))
        hidden = hidden + self.second(self.dropout(self.gelu(self.first(self.inner(hidden)))))
        points: torch.Tensor = self.last(self.exit(hidden))
        return points


def loaded_network(shape: AnalogueShape, weights: Mapping[str, npt.NDArray[np.float32]]) -> AnalogueNetwork:
    """Make a network of trained weights.

    Parameters
    ----------
    shape : AnalogueShape
        Sizes.
    weights : mapping of str to numpy.ndarray, float32
        Those of a checkpoint.

    Returns
    -------
    AnalogueNetwork
        In evaluation mode.
    """
    network = AnalogueNetwork(shape)
    own = {name: torch.from_numpy(value) for name, value in weights.items() if name != STRUCTURE_MAP}
    network.load_state_dict(own)
    return network.eval()
