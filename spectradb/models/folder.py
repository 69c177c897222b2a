"""The models of one lab: a folder with two files for each, its weights and its card.

====================================== ================================================= =====================
files                                  ``format`` of the card                            kind
====================================== ================================================= =====================
``<name>.safetensors``, ``<name>.json`` ``spectradb-encoder-1``: an encoder of spectradb  ``spectradb``
``<name>.safetensors``, ``<name>.json`` ``spectradb-analogue-1``: an analogue model       ``analogue``
``<name>.safetensors``, ``<name>.json`` ``spectradb-dreams-1``: DreaMS, converted         ``dreams``
``<name>.onnx``, ``<name>.json``        ``spectradb-exported-1``                          ``onnx``
``<name>.pt``, ``<name>.json``          ``spectradb-exported-1``                          ``torchscript``
====================================== ================================================= =====================

The card says what a model is without reading its weights; the card of the last two is their preprocessing
(:mod:`spectradb.embedders.exported.settings`). Files may also be put into the folder, or replaced, by hand. Importing this
module imports no PyTorch.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spectradb.embedders.dreams import card as dreams_card
from spectradb.embedders.exported import settings as exported
from spectradb.embedders.exported import trust as exported_trust
from spectradb.errors import BadModel, BadParameter, UntrustedModel

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.embedders.embedder import Embedder

#: Kinds of models and the suffix of their weights.
SUFFIXES = {
    "spectradb": ".safetensors",
    "analogue": ".safetensors",
    "dreams": ".safetensors",
    "onnx": ".onnx",
    "torchscript": ".pt",
}
ENCODER_FORMAT, ANALOGUE_FORMAT = "spectradb-encoder-1", "spectradb-analogue-1"
#: Formats of the cards of models that spectradb trains.
OWN_FORMATS = {"spectradb": ENCODER_FORMAT, "analogue": ANALOGUE_FORMAT}
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_NAME = 48


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """A model of a lab, its weights unread.

    Parameters
    ----------
    name : str
        Its name.
    kind : str
        One of :data:`SUFFIXES`.
    dimension : int
        Length of its vectors.
    weights, card_file : pathlib.Path
        Files of its weights and of its card.
    card : dict
        What its card holds.
    """

    name: str
    kind: str
    dimension: int
    weights: Path
    card_file: Path
    card: dict[str, Any]


class ModelFolder:
    """The folder with the models of one lab.

    Parameters
    ----------
    path : pathlib.Path
        The folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loaded: dict[str, tuple[tuple[int, ...], Embedder]] = {}

    def names(self) -> list[str]:
        """List the models, damaged ones too.

        Returns
        -------
        list of str
            Names in alphabetical order.
        """
        if not self.path.is_dir():
            return []
        suffixes = {".json", *SUFFIXES.values()}
        return sorted({file.stem for file in self.path.iterdir() if file.suffix in suffixes and _is_name(file.stem)})

    def files(self, name: str) -> ModelFiles:
        """Find the files of a model and read its card.

        Parameters
        ----------
        name : str
            One of :meth:`names`.

        Returns
        -------
        ModelFiles
            What they say.

        Raises
        ------
        BadModel
            A file is missing or damaged.
        """
        card_file = self.path / f"{name}.json"
        again = f"Add the model again: `spectradb model add {self.path.parent} {name} FILE --replace`."
        found = [file for suffix in dict.fromkeys(SUFFIXES.values()) if (file := card_file.with_suffix(suffix)).is_file()]
        if len(found) != 1:
            has = f"both {found[0].name} and {found[1].name}; remove one" if found else "only a card and no weights"
            raise BadModel(f"{card_file}: the model has {has}. {again}")
        if not card_file.is_file():
            raise BadModel(f"{card_file}: no such file; {found[0].name} needs its card. {again}")
        return read_card(card_file, found[0], name=name)

    def embedder(self, name: str) -> Embedder:
        """Load a model; it stays loaded until its files change. ONNX of which nobody knows is tried first.

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
        BadModel
            A file is missing or damaged, or the trial failed (:func:`spectradb.models.tried.try_apart`).
        UntrustedModel
            It is a TorchScript model that the user has not said to trust.
        MissingDependency
            It needs a package that is not installed.
        """
        files = self.files(name)
        state = (*_state(files.weights), *_state(files.card_file))
        known = self._loaded.get(name)
        if known is None or known[0] != state:
            if files.kind == "onnx":
                from spectradb.models.tried import try_once  # noqa: PLC0415 - it loads models as this module does

                try_once(files)  # it may have been put there by hand
            known = self._loaded[name] = (state, load(files))
        return known[1]


def read_card(card_file: Path, weights: Path, *, name: str) -> ModelFiles:
    """Read the card of a model.

    Parameters
    ----------
    card_file, weights : pathlib.Path
        Its two files.
    name : str
        Its name.

    Returns
    -------
    ModelFiles
        What the card says.

    Raises
    ------
    BadModel
        The card is missing or damaged, or is none of such weights.
    """
    try:
        card = json.loads(card_file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(f"{card_file}: not readable JSON ({error}). Correct it, or copy it again.") from error
    form = card.get("format") if isinstance(card, dict) else None
    kind = _kind(form, weights.suffix)
    if kind is None:
        known = f"{ENCODER_FORMAT}, {ANALOGUE_FORMAT}, {dreams_card.FORMAT}, {exported.FORMAT}"
        raise BadModel(
            f"{card_file}: a card of format {form!r} does not belong to {weights.name}; known are {known}. Correct it."
        )
    dimension = _dimension(kind, card, card_file)
    return ModelFiles(name=name, kind=kind, dimension=dimension, weights=weights, card_file=card_file, card=card)


def load(files: ModelFiles, *, trusted: bool = False) -> Embedder:
    """Load a model.

    Parameters
    ----------
    files : ModelFiles
        Where it is.
    trusted : bool
        Load a TorchScript model also when the user's list does not have it.

    Returns
    -------
    Embedder
        Ready to embed.

    Raises
    ------
    BadModel, UntrustedModel, MissingDependency
        As for :meth:`ModelFolder.embedder`.
    """
    # Each kind imports what it needs when it is needed: PyTorch takes a second, onnxruntime may be absent.
    if files.kind == "spectradb":
        from spectradb.embedders.transformer.checkpoint import load_checkpoint  # noqa: PLC0415
        from spectradb.embedders.transformer.embedder import TransformerEmbedder  # noqa: PLC0415

        try:
            checkpoint = load_checkpoint(files.weights)
            return TransformerEmbedder(replace(checkpoint, card={**checkpoint.card, "name": files.name}))
        except BadParameter as error:
            raise BadModel(str(error)) from error
    if files.kind == "analogue":
        from spectradb.embedders.analogue.checkpoint import load_analogue  # noqa: PLC0415
        from spectradb.embedders.analogue.embedder import AnalogueEmbedder  # noqa: PLC0415

        try:
            model = load_analogue(files.weights)
            return AnalogueEmbedder(replace(model, card={**model.card, "name": files.name}))
        except BadParameter as error:
            raise BadModel(str(error)) from error
    digest = file_digest(files.weights)
    if files.kind == "dreams":
        from spectradb.embedders.dreams.embedder import DreamsEmbedder  # noqa: PLC0415

        return DreamsEmbedder.from_file(files.weights, name=files.name, digest=digest)
    from spectradb.embedders.exported.embedder import ExportedEmbedder  # noqa: PLC0415

    settings = exported.settings_from_json(files.card, place=str(files.card_file))
    if files.kind == "onnx":
        from spectradb.embedders.exported.onnx import OnnxRunner  # noqa: PLC0415

        return ExportedEmbedder(OnnxRunner(files.weights, settings), settings, name=files.name, digest=digest)
    content = files.weights.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if not (trusted or exported_trust.is_trusted(digest)):
        raise UntrustedModel(
            f"{files.weights} is a TorchScript model: an archive of code, which can read and write your files when it runs. If "
            f"you trust where it comes from, run `spectradb model trust {files.weights.parent.parent} {files.name}`, or add it "
            "with --trust."
        )
    from spectradb.embedders.exported.torchscript import TorchScriptRunner  # noqa: PLC0415

    return ExportedEmbedder(TorchScriptRunner(files.weights, content, settings), settings, name=files.name, digest=digest)


def check_name(name: str) -> str:
    """Check that a name may be a model's: it becomes part of SQL names.

    Parameters
    ----------
    name : str
        The name.

    Returns
    -------
    str
        The name itself.

    Raises
    ------
    BadParameter
        It is not made of lower-case letters, digits and single underscores, or is too long.
    """
    if not _is_name(name):
        raise BadParameter(
            f"model name {name!r} must be lower-case letters, digits and single underscores, begin with a letter, and have at "
            f"most {_LONGEST_NAME} of them"
        )
    return name


def file_digest(file: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and len(name) <= _LONGEST_NAME


def _state(file: Path) -> tuple[int, int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _kind(form: object, suffix: str) -> str | None:
    formats = {
        **OWN_FORMATS,
        "dreams": dreams_card.FORMAT,
        "onnx": exported.FORMAT,
        "torchscript": exported.FORMAT,
    }
    kinds = [kind for kind, wanted in formats.items() if wanted == form and SUFFIXES[kind] == suffix]
    return kinds[0] if kinds else None


def _dimension(kind: str, card: dict[str, Any], card_file: Path) -> int:
    if kind == "dreams":
        return dreams_card.DIMENSION
    if kind in {"onnx", "torchscript"}:
        return exported.settings_from_json(card, place=str(card_file)).dimension
    shape, share = card.get("model"), 0.5 if kind == "analogue" else card.get("hash_share")
    match shape, share:
        case {"hash_dimension": int() as hashed, "dimension": int() as pooled}, int() | float():
            return (hashed if share > 0 else 0) + (pooled if share < 1 else 0)
    raise BadModel(
        f"{card_file}: the card does not tell model.dimension, model.hash_dimension and, of an encoder, hash_share. Copy the "
        "card that belongs to the weights."
    )
