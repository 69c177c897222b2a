"""The embedders that exist, by name: those built in, and those of a lab.

A factory imports what its embedder needs when it is called, so that listing the names costs nothing.
"""

from __future__ import annotations

import json
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectradb.embedders.dreams.card import CHECKPOINT_NAME, CHECKPOINT_PAGE
from spectradb.errors import NoModel
from spectradb.models.folder import ModelFolder
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from spectradb.embedders.embedder import Embedder


def _binned() -> Embedder:
    from spectradb.embedders.binned import BinnedEmbedder  # noqa: PLC0415 - factories import late by design

    return BinnedEmbedder()


def _analogue(name: str) -> Embedder:
    from spectradb.embedders.analogue.embedder import AnalogueEmbedder  # noqa: PLC0415 - factories import late by design

    return AnalogueEmbedder.from_file(WEIGHTS / f"{name}.safetensors")


def _trained(name: str) -> Embedder:
    from spectradb.embedders.transformer.embedder import TransformerEmbedder  # noqa: PLC0415 - loads PyTorch

    return TransformerEmbedder.from_file(WEIGHTS / f"{name}.safetensors")


#: Folder of the trained models that the package ships.
WEIGHTS = Path(__file__).parent / "weights"

#: The embedder that is used where none is named: of those built in the one that finds most for its time.
DEFAULT_EMBEDDER = "binned"

#: The embedder that is used without a precursor filter, where the library has its vectors and no other is named.
OPEN_EMBEDDER = "spectradb_analogue"

#: Names of the trained models that the package ships, and their kinds, as their cards tell them.
TRAINED = {OPEN_EMBEDDER: "analogue", "spectradb_base": "transformer", "spectradb_small": "transformer"}

_MAKERS = {"analogue": _analogue, "transformer": _trained}

#: Name of each embedder and the function that makes it.
FACTORIES: dict[str, Callable[[], Embedder]] = {
    "binned": _binned,
    **{name: partial(_MAKERS[kind], name) for name, kind in TRAINED.items()},
}


def embedder_names() -> list[str]:
    """List the embedders that are built in.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(FACTORIES)


@cache
def embedder(name: str) -> Embedder:
    """Return the built-in embedder of that name, made on first use.

    Parameters
    ----------
    name : str
        One of :func:`embedder_names`.

    Returns
    -------
    Embedder
        Ready to embed.

    Raises
    ------
    NoModel
        No embedder has that name.
    """
    factory = FACTORIES.get(name)
    if factory is None:
        known = ", ".join(embedder_names())
        raise NoModel(f"no embedder is named {name!r}; known are: {known}. Pass one of these, or add its factory to FACTORIES")
    return factory()


@cache
def trained_dimension(name: str) -> int:
    """Tell the length of a shipped encoder's vectors by its model card, without loading PyTorch.

    Parameters
    ----------
    name : str
        One of :data:`TRAINED`.

    Returns
    -------
    int
        The length.
    """
    shape = shipped_card(name)["model"]
    return int(shape["hash_dimension"]) + int(shape["dimension"])


def shipped_card(name: str) -> dict[str, Any]:
    """Read the model card of a shipped encoder, without loading PyTorch.

    Parameters
    ----------
    name : str
        One of :data:`TRAINED`.

    Returns
    -------
    dict
        Its card.
    """
    card: dict[str, Any] = json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))
    return card


class Embedders:
    """The embedders that one lab can use: those in its folder, and those built in.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Folder with the lab's models (:class:`spectradb.models.folder.ModelFolder`); None: only those built in.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = None if folder is None else ModelFolder(folder)

    def names(self) -> list[str]:
        """List the embedders that can be asked for.

        Returns
        -------
        list of str
            Names in alphabetical order.
        """
        return sorted({*embedder_names(), *self._own_names()})

    def embedder(self, name: str) -> Embedder:
        """Return the embedder of that name, loaded on first use; a model of the lab goes before a built-in one.

        Parameters
        ----------
        name : str
            One of :meth:`names`.

        Returns
        -------
        Embedder
            Ready to embed.

        Raises
        ------
        NoModel
            No embedder has that name.
        BadModel, UntrustedModel, MissingDependency
            A model of the lab cannot be loaded; the message says what to do.
        """
        if self.folder is not None and name in self._own_names():
            return self.folder.embedder(name)
        self._demand(name)
        return embedder(name)

    def dimension(self, name: str) -> int:
        """Tell the length of an embedder's vectors without loading its weights.

        Parameters
        ----------
        name : str
            One of :meth:`names`.

        Returns
        -------
        int
            The length.

        Raises
        ------
        NoModel
            No embedder has that name.
        BadModel
            The files of a model of the lab are missing or damaged.
        """
        if self.folder is not None and name in self._own_names():
            return self.folder.files(name).dimension
        self._demand(name)
        return trained_dimension(name) if name in TRAINED else embedder(name).dimension

    def _own_names(self) -> list[str]:
        return [] if self.folder is None else self.folder.names()

    def _demand(self, name: str) -> None:
        if name in FACTORIES:
            return
        remedy = "Add a model with `spectradb model add LAB NAME FILE`"
        if name == "dreams":
            remedy = (
                f"For DreaMS get {CHECKPOINT_NAME} of {CHECKPOINT_PAGE}, and `spectradb model add LAB dreams {CHECKPOINT_NAME}`"
            )
        raise NoModel(f"no embedder is named {name!r}. {remedy}, or pass one of: {known_names(name, self.names())}")
