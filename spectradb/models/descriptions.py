"""What there is to say about each embedder of a lab."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from spectradb.errors import SpectraDBError
from spectradb.models.registry import TRAINED, shipped_card
from spectradb.models.seen_in_training import IN_HOUSE, licence_on_card, stays_in_house

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.models.folder import ModelFiles
    from spectradb.models.registry import Embedders

_ABOUT = ("licence", "training_data", "training", "data", "metrics", "not_evaluated", "limits", "notes", "source")


@dataclass(frozen=True, kw_only=True)
class ModelDescription:
    """One embedder.

    Parameters
    ----------
    name : str
        Its name.
    kind : str, optional
        Family of the method; None where its files do not tell.
    dimension : int, optional
        Length of its vectors.
    file : str, optional
        File of its weights; None for a built-in embedder.
    n_bytes : int, optional
        Size of that file.
    fingerprint : str, optional
        Hash of all that determines its vectors; None where it was not loaded.
    preprocessing : dict
        What it does to spectra first.
    about : dict
        Licence, training data, limits, notes: what its card tells.
    in_house : bool
        Whether its card forbids to pass it on, because its training asked for no licence.
    problem : str, optional
        Why it cannot be used.
    """

    name: str
    kind: str | None = None
    dimension: int | None = None
    file: str | None = None
    n_bytes: int | None = None
    fingerprint: str | None = None
    preprocessing: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    in_house: bool = False
    problem: str | None = None

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        where = "built in" if self.file is None else f"{self.file} ({(self.n_bytes or 0) / 1e6:,.1f} MB)"
        told = f"{self.name}: {self.kind}, {self.dimension} dimensions, {where}" if self.kind else self.name
        told += f"; {IN_HOUSE}" if self.in_house else ""
        details = {"fingerprint": self.fingerprint, "preprocessing": self.preprocessing, **self.about, "problem": self.problem}
        return [told, *(f"  {name}: {_text(value)}" for name, value in details.items() if value)]

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return asdict(self)


def describe_all(embedders: Embedders) -> list[ModelDescription]:
    """Describe every embedder of a lab without loading weights.

    Parameters
    ----------
    embedders : Embedders
        The lab's embedders.

    Returns
    -------
    list of ModelDescription
        In alphabetical order of their names; damaged ones with their problem.
    """
    return [_short(embedders, name) for name in embedders.names()]


def describe(embedders: Embedders, name: str) -> ModelDescription:
    """Describe one embedder in full.

    Parameters
    ----------
    embedders : Embedders
        The lab's embedders.
    name : str
        Its name.

    Returns
    -------
    ModelDescription
        With its fingerprint, or with the problem that keeps it from being loaded.

    Raises
    ------
    NoModel
        No embedder has that name.
    """
    if name not in embedders.names():
        embedders.embedder(name)  # which says what there is
    short = _short(embedders, name)
    if short.problem is not None:
        return short
    try:
        model = embedders.embedder(name)
        details = {"fingerprint": model.fingerprint, "preprocessing": model.preprocessing}
    except SpectraDBError as error:
        details = {"problem": str(error)}
    return ModelDescription(**{**short.as_dict(), **details})


def _short(embedders: Embedders, name: str) -> ModelDescription:
    if embedders.folder is None or name not in embedders.folder.names():
        about = _about(shipped_card(name)) if name in TRAINED else {}
        # Of those that the package ships the cards tell it; to load them takes seconds.
        kind = TRAINED[name] if name in TRAINED else embedders.embedder(name).kind
        return ModelDescription(name=name, kind=kind, dimension=embedders.dimension(name), about=about)
    try:
        files: ModelFiles = embedders.folder.files(name)
    except SpectraDBError as error:
        return ModelDescription(name=name, file=str(embedders.folder.path / name), problem=str(error))
    return ModelDescription(
        name=name,
        kind=files.kind,
        dimension=files.dimension,
        file=str(files.weights),
        n_bytes=files.weights.stat().st_size,
        about=_about(files.card),
        in_house=stays_in_house(files.card),
    )


def _about(card: Mapping[str, Any]) -> dict[str, Any]:
    """Take from a card what people ask for; the marks of thousands of analytes are for programs."""
    told = {key: card[key] for key in _ABOUT if card.get(key)}
    if isinstance(told.get("data"), dict):
        told["data"] = {key: value for key, value in told["data"].items() if key != "analyte_marks"}
    licence = licence_on_card(card)
    return told if licence is None else {"licence": licence, **told}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
