"""Taking a model into a lab's folder, and out of it: all of it or nothing, and only what can be loaded and embeds."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from spectradb.embedders.dreams import card as dreams_card
from spectradb.embedders.exported import settings as exported
from spectradb.embedders.exported import trust as exported_trust
from spectradb.errors import BadModel, BadParameter, NoModel, UntrustedModel
from spectradb.models.folder import OWN_FORMATS, SUFFIXES, ModelFiles, check_name, file_digest, load, read_card
from spectradb.models.probe import probe
from spectradb.models.registry import embedder_names
from spectradb.models.tried import tried_digest, try_apart
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from spectradb.models.folder import ModelFolder

_STAGING = ".adding-"


def add_model(
    folder: ModelFolder,
    name: str,
    file: Path,
    *,
    kind: str | None = None,
    card: Path | None = None,
    trust: bool = False,
    overwrite: bool = False,
) -> None:
    """Take a model into a folder; no other process may be changing the folder meanwhile.

    Parameters
    ----------
    folder : ModelFolder
        The lab's folder.
    name : str
        Its name there: a lower-case SQL identifier that no built-in embedder has.
    file : pathlib.Path
        Its weights: a ``.safetensors`` of spectradb with its card beside it, DreaMS's ``.ckpt``, or an ``.onnx`` or TorchScript
        ``.pt`` with the JSON file of its preprocessing.
    kind : {"spectradb", "analogue", "dreams", "onnx", "torchscript"}, optional
        What it is; told by the file when None.
    card : pathlib.Path, optional
        The JSON file of an ONNX or TorchScript model; the one beside it when None.
    trust : bool
        Let a TorchScript archive run, now and whenever this user loads it.
    overwrite : bool
        Take the place of a model of that name.

    Raises
    ------
    BadParameter
        The name cannot be used or is taken, the kind is unknown, or there is no such file.
    BadModel, UnreadableFile
        The file is damaged or of another kind, or the model does not embed as its card says.
    UntrustedModel
        It is a TorchScript model and ``trust`` was not given.
    MissingDependency
        It needs a package that is not installed.
    """
    check_name(name)
    if name in embedder_names():
        raise BadParameter(f"{name!r} is the name of a built-in embedder. Choose another name.")
    if name in folder.names() and not overwrite:
        raise BadParameter(f"the lab has a model {name!r} already. Choose another name, or replace it with --replace.")
    if kind is not None and kind not in SUFFIXES:
        raise BadParameter(f"kind {kind!r} must be one of {', '.join(SUFFIXES)}")
    if not file.is_file():
        raise BadParameter(f"{file}: no such file")
    kind = kind or _told_kind(file)
    folder.path.mkdir(parents=True, exist_ok=True)
    for left in folder.path.glob(f"{_STAGING}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=folder.path, prefix=_STAGING) as staging:
        made = Path(staging) / f"{name}{SUFFIXES[kind]}"
        if kind == "dreams":
            _stage_dreams(file, made)
            probe(load(read_card(made.with_suffix(".json"), made, name=name)), place=file)
        else:
            _stage(_checked(name, file, kind, card, trust=trust), made)
        _put_in_place(folder, name, made)


def remove_model(folder: ModelFolder, name: str) -> None:
    """Remove the files of a model, damaged ones too.

    Parameters
    ----------
    folder : ModelFolder
        The lab's folder.
    name : str
        The model.

    Raises
    ------
    NoModel
        The folder has no file of that name.
    """
    if name not in folder.names():
        raise NoModel(f"the lab has no model {name!r} of its own; it has: {known_names(name, folder.names(), none='none')}")
    for suffix in (".json", *SUFFIXES.values()):
        (folder.path / f"{name}{suffix}").unlink(missing_ok=True)


def trust_model(folder: ModelFolder, name: str) -> str:
    """Let a TorchScript model of a folder run, for this user, once it was tried as :func:`add_model` tries it.

    Parameters
    ----------
    folder : ModelFolder
        The lab's folder.
    name : str
        The model.

    Returns
    -------
    str
        SHA-256 of its archive, as it is now.

    Raises
    ------
    NoModel
        The folder has no model of that name.
    BadModel
        Its files are missing or damaged, or it does not embed as its card says: then it is not trusted.
    """
    if name not in folder.names():
        raise NoModel(f"the lab has no model {name!r} of its own; it has: {known_names(name, folder.names(), none='none')}")
    files = folder.files(name)
    digest = file_digest(files.weights)
    if files.kind in {"onnx", "torchscript"}:
        try_apart(files)  # nobody did, where the file was put there by hand
    if file_digest(files.weights) != digest:
        raise BadModel(f"{files.weights}: the file changed while it was read. Trust it again.")
    if files.kind == "onnx":
        exported_trust.note_tried(tried_digest(files))
    exported_trust.trust(digest)
    return digest


def _told_kind(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix == ".onnx":
        return "onnx"
    if suffix == ".ckpt":
        return "dreams"
    if suffix in {".pt", ".pth", ".ts"}:
        return "torchscript" if _is_torchscript(file) else "dreams"
    if suffix == ".safetensors":
        kinds = {dreams_card.FORMAT: "dreams", OWN_FORMATS["analogue"]: "analogue"}
        return kinds.get(_safetensors_format(file) or "", "spectradb")
    known = ".safetensors, .ckpt, .onnx, .pt"
    raise BadParameter(f"{file}: its name ends in none of {known}. Say what it is with --kind ({', '.join(SUFFIXES)}).")


def _is_torchscript(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return any(entry.partition("/")[2].startswith("code/") for entry in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return True  # and be refused as one


def _safetensors_format(file: Path) -> str | None:
    try:
        with safe_open(file, framework="np") as opened:
            return (opened.metadata() or {}).get("format")
    except (SafetensorError, OSError) as error:
        raise BadModel(f"{file}: not a readable safetensors file ({error}). Copy it again.") from error


def _stage_dreams(file: Path, made: Path) -> None:
    from spectradb.embedders.dreams.conversion import convert_checkpoint, load_weights  # noqa: PLC0415 - imports PyTorch

    if file.suffix.lower() == ".safetensors":
        load_weights(file)
        shutil.copyfile(file, made)
    else:
        convert_checkpoint(file, made)
    source = {"name": file.name, "sha256": file_digest(file)}
    _write_card(made, {"format": dreams_card.FORMAT, **dreams_card.CARD, "source": source})


def _checked(name: str, file: Path, kind: str, card: Path | None, *, trust: bool) -> ModelFiles:
    """Load a model where it lies, and try it."""
    card_file = card or file.with_suffix(".json")
    if kind in OWN_FORMATS:
        files = read_card(card_file, file, name=name)
        if files.kind != kind:
            raise BadModel(
                f"{card_file}: the card is none of format {OWN_FORMATS[kind]}. Copy the card that belongs to the weights."
            )
    else:
        settings = exported.read_settings(card_file)
        content: dict[str, Any] = json.loads(card_file.read_text(encoding="utf-8"))
        files = ModelFiles(name=name, kind=kind, dimension=settings.dimension, weights=file, card_file=card_file, card=content)
    digest = file_digest(file)
    if kind == "torchscript" and not trust and not exported_trust.is_trusted(digest):
        raise UntrustedModel(
            f"{file} is a TorchScript model: an archive of code, which can read and write your files when it runs. If you "
            "trust where it comes from, add it with --trust; better, export it as ONNX."
        )
    if kind in OWN_FORMATS:
        probe(load(files), place=file)
    else:
        try_apart(files)
    if file_digest(file) != digest:
        raise BadModel(f"{file}: the file changed while it was read. Add it again.")
    if kind == "torchscript":
        exported_trust.trust(digest)
    if kind == "onnx":
        exported_trust.note_tried(tried_digest(files))
    return files


def _stage(files: ModelFiles, made: Path) -> None:
    shutil.copyfile(files.weights, made)
    _write_card(made, {**files.card, "name": files.name} if files.kind in OWN_FORMATS else files.card)


def _write_card(made: Path, card: dict[str, Any]) -> None:
    made.with_suffix(".json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _put_in_place(folder: ModelFolder, name: str, made: Path) -> None:
    """Move the staged files; a kill in between leaves a model without card, which is reported as such, never a mixture."""
    made.chmod(made.with_suffix(".json").stat().st_mode & 0o777)  # safetensors writes files that nobody else can read
    for suffix in (".json", *SUFFIXES.values()):
        (folder.path / f"{name}{suffix}").unlink(missing_ok=True)
    made.replace(folder.path / made.name)
    made.with_suffix(".json").replace(folder.path / f"{name}.json")
