"""A lab's own models: adding, describing and removing them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.models.adding import add_model, remove_model, trust_model
from spectradb.models.descriptions import describe, describe_all
from spectradb.schemas import identifier
from spectradb.workspace.lab_files import LabFiles, PathLike

if TYPE_CHECKING:
    from spectradb.models.descriptions import ModelDescription


class LabWithModels(LabFiles):
    """A lab with the verbs about its models.

    Parameters
    ----------
    path : pathlib.Path
        Its directory.
    """

    def add_model(
        self,
        name: str,
        file: PathLike,
        *,
        kind: str | None = None,
        card: PathLike | None = None,
        trust: bool = False,
        overwrite: bool = False,
    ) -> ModelDescription:
        """Take a model into the lab, after it has been loaded and tried.

        Parameters
        ----------
        name : str
            Its name in the lab: lower-case letters, digits and single underscores.
        file : str or pathlib.Path
            Its weights: a ``.safetensors`` of spectradb with its card beside it, DreaMS's ``embedding_model.ckpt``, or an
            ``.onnx`` or TorchScript ``.pt`` with the JSON file that :mod:`spectradb.embedders.exported.settings` describes
            beside it.
        kind : {"spectradb", "dreams", "onnx", "torchscript"}, optional
            What it is; told by the file when None.
        card : str or pathlib.Path, optional
            The JSON file of an ONNX or TorchScript model; the one beside it when None.
        trust : bool
            Let the code of a TorchScript archive run. Only for archives whose makers you trust: it can read and write files.
        overwrite : bool
            Take the place of a model of that name.

        Returns
        -------
        ModelDescription
            What was added.

        Raises
        ------
        BadParameter
            If the name cannot be used or is taken, or there is no such file.
        BadModel, UnreadableFile, UntrustedModel, MissingDependency
            If the model cannot be loaded or does not embed as its card says; the lab stays as it is.
        """
        identifier(name, "model")
        chosen = None if card is None else Path(card)
        with self._changing_models():
            add_model(self._models(), name, Path(file), kind=kind, card=chosen, trust=trust, overwrite=overwrite)
        self.close()  # so that the next connection has its function
        return self.model(name)

    def download_model(self, name: str = "dreams", *, quiet: bool = True) -> ModelDescription:
        """Fetch the published checkpoint of DreaMS and take it into the lab.

        Parameters
        ----------
        name : str
            Its name in the lab.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        ModelDescription
            What was added.

        Raises
        ------
        UnreadableFile
            If it cannot be fetched.
        BadParameter, BadModel
            As for :meth:`add_model`.
        """
        from spectradb.embedders.dreams.card import CHECKPOINT_NAME  # noqa: PLC0415 - this verb alone needs them
        from spectradb.embedders.dreams.download import download_checkpoint  # noqa: PLC0415

        if name in self.embedders.names():
            msg = f"the lab has a model {name!r} already. Choose another name, or remove it first."
            raise BadParameter(msg)
        with tempfile.TemporaryDirectory(dir=self.locks, prefix="download-") as folder:
            file = Path(folder) / CHECKPOINT_NAME
            download_checkpoint(file, quiet=quiet)
            return self.add_model(name, file, kind="dreams")

    def models(self) -> list[ModelDescription]:
        """Describe every embedder that the lab can use, without loading weights.

        Returns
        -------
        list of ModelDescription
            The built-in ones and those of the lab; damaged ones with their problem.
        """
        return describe_all(self.embedders)

    def model(self, name: str) -> ModelDescription:
        """Describe one embedder in full.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        ModelDescription
            With its fingerprint and preprocessing, or the problem that keeps it from being loaded.

        Raises
        ------
        NoModel
            If no embedder has that name.
        """
        return describe(self.embedders, name)

    def trust_model(self, name: str) -> str:
        """Let the code of a TorchScript model of the lab run, for this user and as long as the archive stays the same.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        str
            SHA-256 of the archive.

        Raises
        ------
        NoModel, BadModel
            If the lab has no such model, or its files are damaged.
        """
        return trust_model(self.embedders.folder or self._models(), name)

    def remove_model(self, name: str) -> None:
        """Remove the files of one of the lab's models; vectors that it made stay, until ``lab.remove("model", name)``.

        Parameters
        ----------
        name : str
            Its name.

        Raises
        ------
        NoModel
            If the lab has no model of that name.
        """
        with self._changing_models():
            remove_model(self._models(), name)
        self.close()
