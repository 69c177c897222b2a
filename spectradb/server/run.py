"""A server that runs: beside the program that started it, until it is closed."""

from __future__ import annotations

import ipaddress
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from spectradb.errors import BadParameter
from spectradb.late_modules import load
from spectradb.server.access import check_token
from spectradb.server.application import application
from spectradb.server.limits import Limits
from spectradb.server.served_lab import ServedLab

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from spectradb.workspace.lab_files import LabFiles

#: Seconds that answers under way have when the server is closed.
SECONDS_TO_END = 1.0
_SECONDS_TO_START = 30.0


class RunningServer:
    """A lab served over HTTP, in threads of this process.

    Parameters
    ----------
    files : LabFiles
        The lab.
    token : str
        What clients must send.
    host : str
        Address of this machine to listen at.
    port : int
        Port; 0: a free one.
    certificate, key : pathlib.Path, optional
        Files in PEM format, for TLS.
    limits : Limits, optional
        What clients may take.

    Attributes
    ----------
    address : str
        Where it is reached.
    token : str
        The token.
    is_encrypted : bool
        Whether by TLS.

    Raises
    ------
    NoLab, PublishedFileChanged
        If the lab was never published, or cannot be opened.
    BadParameter
        If it cannot listen there, or token, certificate or key are unfit.
    MissingDependency
        If Starlette or uvicorn is not installed.
    """

    def __init__(
        self,
        files: LabFiles,
        *,
        token: str,
        host: str,
        port: int,
        certificate: Path | None = None,
        key: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        uvicorn = load("uvicorn", extra="server")
        check_token(token, "the parameter")
        if (certificate is None) != (key is None):
            raise BadParameter("TLS needs a certificate and its key. Give both")
        self.token = token
        self.is_encrypted = certificate is not None
        self._lab = ServedLab(files, limits or Limits())
        self._closing = threading.Lock()
        self._is_closed = False
        try:
            app = application(self._lab, token)
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=SECONDS_TO_END,
                ssl_certfile=None if certificate is None else str(certificate),
                ssl_keyfile=None if key is None else str(key),
            )
            self._socket = _listening(host, port)
        except BaseException:
            self._lab.close()
            raise
        scheme = "https" if self.is_encrypted else "http"
        at = self._socket.getsockname()
        self.address = f"{scheme}://{f'[{at[0]}]' if ':' in at[0] else at[0]}:{at[1]}"
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="serves", daemon=True)
        self._error: Exception | None = None
        self._thread.start()
        self._wait_for_start(certificate)
        self._lab.start()

    def __enter__(self) -> Self:
        """Use the server in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def wait(self) -> None:
        """Wait until the server ends, which a signal makes it do."""
        while self._thread.is_alive():
            self._thread.join(timeout=0.2)

    def close(self) -> None:
        """End it: answers under way have a second, new ones are not taken."""
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
        self._server.should_exit = True
        self._thread.join(timeout=SECONDS_TO_END + 0.5)
        self._server.force_exit = True
        with suppress(OSError):
            self._socket.close()
        self._lab.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit) as error:  # noqa: BLE001 - told by the thread that waits for the start
            self._error = error if isinstance(error, Exception) else RuntimeError(str(error))

    def _wait_for_start(self, certificate: Path | None) -> None:
        waiting = threading.Event()
        for _ in range(int(_SECONDS_TO_START / 0.02)):
            if self._server.started or not self._thread.is_alive():
                break
            waiting.wait(0.02)
        if not self._server.started:
            self.close()
            what = f"{certificate} and its key" if certificate else "the server"
            raise BadParameter(
                f"{what} cannot be used ({self._error}). Give a certificate and its key in PEM format, or leave TLS"
            )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address.

    Parameters
    ----------
    host : str
        Name or number.

    Returns
    -------
    bool
        Whether it is one of the loopback.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        opened = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except (OSError, OverflowError) as error:
        raise BadParameter(f"nothing can listen at {host}, port {port} ({error}). Choose another port or host") from error
    # Accepted connections have it from here: asyncio sets it only on sockets made with the protocol's number. Without it the
    # body of an answer waits 40 ms for the client to acknowledge its head.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened
