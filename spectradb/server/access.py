"""Who is let in, and how much they may send: what stands before every path of a server."""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING, Any

from spectradb.errors import BadParameter
from spectradb.server.answers import JSON, as_json
from spectradb.server.refusals import BodyTooLarge, Refusal, WrongToken, status_of, told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from pathlib import Path

    _Message = MutableMapping[str, Any]
    _Receive = Callable[[], Awaitable[_Message]]
    _Send = Callable[[_Message], Awaitable[None]]
    _App = Callable[[_Message, _Receive, _Send], Awaitable[None]]

#: The variable of the environment that can hold the token.
VARIABLE = "SPECTRADB_TOKEN"
#: Paths that tell how to ask, and nothing of the lab.
OPEN_PATHS = frozenset({"/", "/openapi.json"})
_LEAST_LETTERS = 16
# How many times the longest body is taken, and thrown away, before a client is told.
_PASSED_OVER = 16


def token_of(file: Path | None) -> tuple[str, bool]:
    """Take the token from a file or from the environment, or make one.

    Parameters
    ----------
    file : pathlib.Path or None
        The file; None: the variable :data:`VARIABLE`, where it is set.

    Returns
    -------
    (str, bool)
        The token, and whether it was made here, so that somebody must be told.

    Raises
    ------
    BadParameter
        If the file cannot be read, or the token is too short to keep anybody out.
    """
    if file is None and VARIABLE not in os.environ:
        return secrets.token_urlsafe(32), True
    where = str(file) if file is not None else f"the variable {VARIABLE}"
    try:
        token = (file.read_text(encoding="utf-8") if file is not None else os.environ[VARIABLE]).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadParameter(f"{where} cannot be read as a token ({error}). Name a file with one line of text") from error
    check_token(token, where)
    return token, False


def check_token(token: str, where: str) -> None:
    """Check that a token can keep somebody out, and can be sent.

    Parameters
    ----------
    token : str
        The token.
    where : str
        Where it comes from, for the message.

    Raises
    ------
    BadParameter
        If it is short, or has other than visible ASCII characters.
    """
    if len(token) < _LEAST_LETTERS or not all("!" <= letter <= "~" for letter in token):
        remedy = 'make one by `python -c "import secrets; print(secrets.token_urlsafe(32))"`'
        raise BadParameter(f"the token in {where} must have at least {_LEAST_LETTERS} visible ASCII characters: {remedy}")


class Door:
    """Lets requests through that carry the token and are not too long.

    Parameters
    ----------
    app : callable
        What answers them, as ASGI has it.
    token : str
        The token.
    body_bytes : int
        Longest body.
    """

    def __init__(self, app: _App, *, token: str, body_bytes: int) -> None:
        self._app = app
        self._expected = f"bearer {token}".encode()
        self._body_bytes = body_bytes

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            if scope["path"] not in OPEN_PATHS:
                self._check_token(headers.get(b"authorization", b""))
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length) > self._body_bytes:
                await self._pass_over(receive)
                raise self._too_large()
        except Refusal as refusal:
            await _refuse(refusal, send)
            return
        await self._limited(scope, receive, send)

    async def _limited(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer a request whose body may come in pieces of a length that nobody told."""
        received = 0
        answered = False

        async def counted() -> _Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._body_bytes:
                raise self._too_large()
            return message

        async def noted(message: _Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except BodyTooLarge as refusal:
            if answered:
                raise
            await self._pass_over(receive)
            await _refuse(refusal, send)

    async def _pass_over(self, receive: _Receive) -> None:
        """Take what is still sent: most clients look for an answer only when they have sent all of it."""
        passed = 0
        while passed <= _PASSED_OVER * self._body_bytes:
            message = await receive()
            passed += len(message.get("body", b""))
            if not message.get("more_body"):
                return

    def _check_token(self, sent: bytes) -> None:
        kind, _, token = sent.partition(b" ")
        # In the same time, however many letters are right.
        if not hmac.compare_digest(kind.lower() + b" " + token.strip(), self._expected):
            raise WrongToken("the request has not this server's token. Send the header `Authorization: Bearer TOKEN`")

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"the body is longer than {self._body_bytes:,} bytes. Send fewer spectra at a time")


async def _refuse(refusal: Refusal, send: _Send) -> None:
    body = as_json(told(refusal))
    headers = [(b"content-type", JSON.encode()), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    if isinstance(refusal, WrongToken):
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status_of(refusal), "headers": headers})
    await send({"type": "http.response.body", "body": body})
