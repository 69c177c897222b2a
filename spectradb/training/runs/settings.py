"""Settings that every training has: the embedder's name, the source of chance, and what is left out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from spectradb.arrays.annotated_spectra import SplitConfig
from spectradb.embedders.embedder import EMBEDDER_NAME
from spectradb.embedders.toml_sections import section_from_dict
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """What decides a training, whatever it trains, apart from the data.

    Parameters
    ----------
    name : str
        Name of the embedder.
    seed : int
        Source of chance.
    split : SplitConfig
        What is left out.

    Raises
    ------
    BadParameter
        The name cannot be part of a column's name in SQL.
    """

    name: str
    seed: int = 0
    split: SplitConfig = field(default_factory=SplitConfig)

    def __post_init__(self) -> None:
        """Check the name: a mistake in it should not show only when training has ended."""
        if not EMBEDDER_NAME.fullmatch(self.name):
            raise BadParameter(f"name = {self.name!r} must be lower-case letters, digits and underscores. Correct it.")

    @classmethod
    def parts(cls) -> dict[str, type]:
        """List the sections of a file of such settings.

        Returns
        -------
        dict
            Class of each section's settings, by its name.
        """
        factories: dict[str, Any] = {one.name: one.default_factory for one in dataclasses.fields(cls)}
        return {name: made_by for name, made_by in factories.items() if isinstance(made_by, type)}

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], *, place: str) -> Self:
        """Check settings and give them their types.

        Parameters
        ----------
        settings : Mapping
            As :meth:`as_dict` gives; those that are not named have their defaults.
        place : str
            Where they come from, for messages.

        Returns
        -------
        TrainingSettings
            The settings.

        Raises
        ------
        BadParameter
            A setting is unknown or has the wrong type, or there is no name.
        """
        parts = cls.parts()
        plain = {name: value for name, value in settings.items() if name not in parts}
        if "name" not in plain:
            raise BadParameter(f'{place}: no name. Add name = "...", by which the embedder is to be known.')
        made: dict[str, Any] = {
            name: section_from_dict(kind, settings.get(name, {}), place=f"{place}, [{name}]") for name, kind in parts.items()
        }
        return dataclasses.replace(section_from_dict(cls, plain, place=place), **made)

    def of_any_licence(self) -> Self:
        """Take spectra of any licence, and of none stated; what is trained so stays in house, and its card says so.

        Returns
        -------
        TrainingSettings
            The same settings otherwise.
        """
        return dataclasses.replace(self, split=dataclasses.replace(self.split, licenses=()))

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as values that JSON can hold.

        Returns
        -------
        dict
            One entry per setting, nested by part.
        """
        return dataclasses.asdict(self)
