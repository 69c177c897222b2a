"""A lab for other programs and other people, over HTTP."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.facade.verb import Part

if TYPE_CHECKING:
    from spectradb.server.limits import Limits
    from spectradb.server.run import RunningServer
    from spectradb.workspace.lab_files import PathLike

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8765


class Serving(Part):
    """The verb that serves."""

    def serve(
        self,
        *,
        token: str | None = None,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        certificate: PathLike | None = None,
        key: PathLike | None = None,
        limits: Limits | None = None,
    ) -> RunningServer:
        """Serve the published lab over HTTP, read-only, in threads of this process.

        Parameters
        ----------
        token : str, optional
            What clients must send; one is made when None.
        host : str
            Address of this machine to listen at.
        port : int
            Port; 0: a free one.
        certificate, key : str or pathlib.Path, optional
            Files in PEM format, for TLS.
        limits : Limits, optional
            What clients may take: rows, seconds and memory of statements, the length of what they send.

        Returns
        -------
        RunningServer
            The server, with ``address`` and ``token``. Close it, or use it in a ``with`` block.

        Raises
        ------
        NoLab, PublishedFileChanged
            If the lab was never published, or cannot be opened.
        BadParameter
            If it cannot listen there, or token, certificate or key are unfit.
        MissingDependency
            If the packages of the extra ``server`` are not installed.
        """
        from spectradb.server.run import RunningServer  # noqa: PLC0415 - few labs are served

        return RunningServer(
            self.files,
            token=token or secrets.token_urlsafe(32),
            host=host,
            port=port,
            certificate=None if certificate is None else Path(certificate),
            key=None if key is None else Path(key),
            limits=limits,
        )
