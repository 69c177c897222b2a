"""What a client is told in the place of an answer: a status of HTTP, and JSON that names the error, its state and a remedy."""

from __future__ import annotations

from http import HTTPStatus

from spectradb.errors import (
    MissingDependency,
    NoCollection,
    NoEmbedding,
    NoLab,
    NoModel,
    NoSearch,
    ObjectStorageError,
    PublishedFileChanged,
    SchemaVersionMismatch,
    SpectraDBError,
)


class Refusal(SpectraDBError):
    """A request cannot be answered."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


class WrongToken(Refusal):
    """The request has no token, or another than this server's."""

    status = HTTPStatus.UNAUTHORIZED


class BodyTooLarge(Refusal):
    """The request has a longer body than this server takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BadBody(Refusal):
    """The body of the request is not what is asked for here."""


class NoSuchPlace(Refusal):
    """The server has no such path, or not by this method."""

    status = HTTPStatus.NOT_FOUND


class NotASelect(Refusal):
    """A statement is not one SELECT, or calls what none may call here."""


class StatementFailed(Refusal):
    """The engine cannot run a statement."""


class TookTooLong(Refusal):
    """A statement was ended at the time limit."""

    status = HTTPStatus.REQUEST_TIMEOUT


class Busy(Refusal):
    """As many statements run as may run at a time, and none ended in time."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


_STATUS: dict[type[SpectraDBError], HTTPStatus] = {
    **dict.fromkeys((NoCollection, NoSearch, NoModel, NoEmbedding), HTTPStatus.NOT_FOUND),
    **dict.fromkeys((NoLab, PublishedFileChanged, SchemaVersionMismatch, ObjectStorageError), HTTPStatus.SERVICE_UNAVAILABLE),
    MissingDependency: HTTPStatus.NOT_IMPLEMENTED,
}


def status_of(error: SpectraDBError) -> int:
    """Choose the status of HTTP that tells an error.

    Parameters
    ----------
    error : SpectraDBError
        The error.

    Returns
    -------
    int
        The status.
    """
    if isinstance(error, Refusal):
        return int(error.status)
    return int(next((status for kind, status in _STATUS.items() if isinstance(error, kind)), Refusal.status))


def told(error: SpectraDBError) -> dict[str, str]:
    """Tell an error to a program.

    Parameters
    ----------
    error : SpectraDBError
        The error.

    Returns
    -------
    dict of str to str
        ``error``, the name of its class; ``state``, what that class stands for; ``remedy``, what was found and what to do.
    """
    state = (type(error).__doc__ or "").partition("\n")[0]
    return {"error": type(error).__name__, "state": state, "remedy": str(error)}
