"""What a lab does with models: add, describe and remove them, embed by them, and train them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.models.descriptions import describe, describe_all
from spectradb.models.registry import DEFAULT_EMBEDDER
from spectradb.schemas import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.embedding.embed_report import EmbedReport
    from spectradb.models.descriptions import ModelDescription
    from spectradb.training.train_lab import TrainReport
    from spectradb.workspace.lab_files import PathLike


class Models(Part):
    """The verbs about models; what fills a column is published at its end."""

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
        kind : {"spectradb", "analogue", "dreams", "onnx", "torchscript"}, optional
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
        from spectradb.models.adding import add_model  # noqa: PLC0415 - loads and tries models

        identifier(name, "model")
        chosen = None if card is None else Path(card)
        with self.files.changing_models():
            add_model(self.files.own_models(), name, Path(file), kind=kind, card=chosen, trust=trust, overwrite=overwrite)
        self.files.close()  # so that the next connection has its function
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

        if name in self.files.embedders.names():
            msg = f"the lab has a model {name!r} already. Choose another name, or remove it first."
            raise BadParameter(msg)
        with tempfile.TemporaryDirectory(dir=self.files.locks, prefix="download-") as folder:
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
        return describe_all(self.files.embedders)

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
        return describe(self.files.embedders, name)

    def trust_model(self, name: str) -> str:
        """Let the code of a TorchScript model of the lab run, for this user and as long as the archive stays the same.

        It is tried first, in a process of its own as :meth:`add_model` does.

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
            If the lab has no such model, or its files are damaged, or it does not embed as its card says.
        """
        from spectradb.models.adding import trust_model  # noqa: PLC0415 - loads and tries models

        return trust_model(self.files.embedders.folder or self.files.own_models(), name)

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
        from spectradb.models.adding import remove_model  # noqa: PLC0415 - loads and tries models

        with self.files.changing_models():
            remove_model(self.files.own_models(), name)
        self.files.close()

    def embed(
        self,
        model: str = DEFAULT_EMBEDDER,
        *,
        device: str = "cpu",
        batch_size: int = 4096,
        refill: bool = False,
        ray: str | None = None,
        ray_workers: int | None = None,
        quiet: bool = True,
    ) -> EmbedReport:
        """Fill the embedding column of a model: every spectrum that has no vector yet gets one.

        Parameters
        ----------
        model : str
            Name of the embedder.
        device : str
            ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
        batch_size : int
            Spectra per call of the model.
        refill : bool
            Embed all spectra anew, also when the model has changed since.
        ray : str, optional
            Embed on a Ray cluster: ``local`` starts one on this machine, ``auto`` finds one there, else its ``host:port``. The
            lab must be on storage that all its machines reach under the same path; ``device`` is then ``cpu`` or ``cuda``.
        ray_workers : int, optional
            Worker processes there; one for every core, or for every GPU, when None.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        EmbedReport
            What was done.
        """
        from spectradb.distributed.embed import embedding_executor  # noqa: PLC0415 - this verb alone needs them
        from spectradb.embedding.embed import fill_embeddings  # noqa: PLC0415

        with embedding_executor(
            ray, self.files.record, workers=ray_workers, device=device, embedders=self.files.embedders
        ) as executor:
            report = fill_embeddings(
                self.files.record,
                self.files.locks,
                model,
                embedders=self.files.embedders,
                device=device,
                batch_size=batch_size,
                refill=refill,
                quiet=quiet,
                executor=executor,
            )
        self.files.publish()
        return report

    def train(
        self,
        config: PathLike,
        *,
        out: PathLike,
        device: str = "cpu",
        threads: int | None = None,
        library: Sequence[str] = (),
        any_licence: bool = False,
        quiet: bool = True,
    ) -> TrainReport:
        """Train a model on the lab's libraries, from where an earlier run in the same directory stopped.

        Parameters
        ----------
        config : str or pathlib.Path
            A shipped configuration (``tiny``, ``small``, ``base``, ``analogue``) or a TOML file.
        out : str or pathlib.Path
            Directory of the run: exported spectra, state, and the checkpoint ``<name>.safetensors`` with its model card.
        device : str
            ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
        threads : int, optional
            Threads on the CPU, no more than there are idle cores; all cores when None.
        library : sequence of str
            Libraries to train on; all when empty.
        any_licence : bool
            Take spectra of any licence, and of none stated, for a model that stays in house; its card says so.
        quiet : bool
            Show no progress bar.

        Returns
        -------
        TrainReport
            The checkpoint and its model card.

        Raises
        ------
        BadParameter
            If the configuration is wrong, or the directory holds a run with other settings or spectra.
        NoCollection, NoSpectra
            If there is nothing to train on, or licences and split leave nothing.
        """
        from spectradb.training.train_lab import train_encoder  # noqa: PLC0415 - loads PyTorch

        return train_encoder(
            self.files.published,
            config,
            Path(out),
            libraries=library,
            any_licence=any_licence,
            device=device,
            threads=threads,
            bar=not quiet and sys.stderr.isatty(),
        )
