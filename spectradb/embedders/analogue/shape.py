"""What the analogue network looks like: sizes, and the constants of its input."""

from __future__ import annotations

from dataclasses import dataclass

from spectradb.errors import BadParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalogueShape:
    """Sizes of the network and of its input.

    Parameters
    ----------
    features : int
        Slots of the hashed features that the network reads; a multiple of ``hash_dimension``.
    feature_scale : float
        Length of the vector of features.
    n_wavelengths : int
        Wavelengths by which the network reads the precursor's m/z, each as a sine and a cosine.
    shortest_da, longest_da : float
        The first and the last of them, in Da; the others between in geometric progression.
    width : int
        Of the layers inside.
    dropout : float
        While it is trained.
    dimension : int
        Of the learned vector, and of the space of structures.
    hash_dimension : int
        Of the binned vector that is stored beside it.
    learned_share : float
        Weight of the learned part in the dot product, in [0, 1]; that of the binned part is what is left.

    Raises
    ------
    BadParameter
        A size is not positive, or they do not fit together.
    """

    features: int = 4096
    feature_scale: float = 4.0
    n_wavelengths: int = 48
    shortest_da: float = 0.5
    longest_da: float = 2000.0
    width: int = 384
    dropout: float = 0.25
    dimension: int = 256
    hash_dimension: int = 512
    learned_share: float = 0.5

    def __post_init__(self) -> None:
        """Check the settings."""
        sizes = (self.features, self.n_wavelengths, self.width, self.dimension, self.hash_dimension)
        if min(*sizes, self.feature_scale, self.shortest_da) <= 0 or self.longest_da <= self.shortest_da:
            raise BadParameter(f"{self} has a setting out of range: sizes must be positive, and longest_da above shortest_da")
        if self.features % self.hash_dimension:
            raise BadParameter(f"features = {self.features} must be a multiple of hash_dimension = {self.hash_dimension}")
        if not (0.0 <= self.dropout < 1.0 and 0.0 <= self.learned_share <= 1.0):
            raise BadParameter(f"dropout = {self.dropout} and learned_share = {self.learned_share} must be between 0 and 1")

    @property
    def context(self) -> int:
        """Numbers that tell precursor and ion mode."""
        return 2 * self.n_wavelengths + 2

    @property
    def stored(self) -> int:
        """Length of the stored vector."""
        return self.hash_dimension + self.dimension
