"""The paths of a server, as an application of Starlette."""

from __future__ import annotations

import io
import logging
import threading
from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.errors import BadParameter, NoSearch, SpectraDBError
from spectradb.late_modules import late
from spectradb.server.access import Door
from spectradb.server.answers import (
    ARROW,
    CSV,
    JSON,
    as_json,
    rows_as_csv,
    rows_as_dicts,
    rows_as_json,
    table_as_arrow,
    wanted_form,
)
from spectradb.server.bodies import SearchBody, SqlBody, read_body
from spectradb.server.openapi import description, page
from spectradb.server.refusals import NoSuchPlace, StatementFailed, status_of, told
from spectradb.server.spectra_search import is_quick, search_spectra
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from spectradb.server.served_lab import ServedLab, ServedState

_EXTRA = "server"
_applications = late("starlette.applications", extra=_EXTRA)
_concurrency = late("starlette.concurrency", extra=_EXTRA)
_exceptions = late("starlette.exceptions", extra=_EXTRA)
_responses = late("starlette.responses", extra=_EXTRA)
_routing = late("starlette.routing", extra=_EXTRA)
_LOG = logging.getLogger(__name__)
# What describes a lab is told whole.
_WHOLE, _ALL = frozenset({"queries/serving/status", "queries/serving/tables", "queries/serving/searches"}), 10**6
_TRUNCATED = "spectradb-truncated"


def application(lab: ServedLab, token: str) -> Door:
    """Make the application.

    Parameters
    ----------
    lab : ServedLab
        The lab.
    token : str
        What clients must send.

    Returns
    -------
    Door
        The application, behind what lets clients in.

    Raises
    ------
    MissingDependency
        If Starlette is not installed.
    """
    paths = _Paths(lab)
    routes = [
        _routing.Route("/", paths.page),
        _routing.Route("/openapi.json", paths.openapi),
        _routing.Route("/status", paths.status),
        _routing.Route("/tables", paths.tables),
        _routing.Route("/searches", paths.searches),
        _routing.Route("/identifications", paths.identifications),
        _routing.Route("/hit", paths.hit),
        _routing.Route("/sql", paths.sql, methods=["POST"]),
        _routing.Route("/search", paths.search, methods=["POST"]),
    ]
    handlers = {SpectraDBError: _refused, _exceptions.HTTPException: _no_such_place, Exception: _failed}
    app = _applications.Starlette(routes=routes, exception_handlers=handlers)
    return Door(app, token=token, body_bytes=lab.limits.body_bytes)


class _Paths:
    """What is answered at each path; every answer is of one state of the lab."""

    def __init__(self, lab: ServedLab) -> None:
        self.lab = lab
        self._page, self._description = page().encode(), as_json(description())
        self._drawing = threading.Lock()  # matplotlib draws one figure at a time

    async def page(self, request: Request) -> Response:  # noqa: ARG002 - all paths have the same signature
        return _answer(self._page, "text/html; charset=utf-8")

    async def openapi(self, request: Request) -> Response:  # noqa: ARG002
        return _answer(self._description, JSON)

    async def status(self, request: Request) -> Response:
        return await self._rows(request, "queries/serving/status")

    async def tables(self, request: Request) -> Response:
        return await self._rows(request, "queries/serving/tables")

    async def searches(self, request: Request) -> Response:
        return await self._rows(request, "queries/serving/searches")

    async def identifications(self, request: Request) -> Response:
        asked = _asked(request, "search", "sample")
        state = self.lab.current
        if asked["search"] is not None:
            await _in_thread(_check_search, state, asked["search"])
        return await self._rows(request, "queries/serving/identifications", asked, state)

    async def hit(self, request: Request) -> Response:
        asked = _asked(request, "query", "search", "rank")
        if asked["query"] is None:
            raise BadParameter("no query is named. Add ?query= with its spectrum_id, native_id, or run/native_id")
        rank = asked["rank"] or "1"
        if not (rank.isascii() and rank.isdigit() and 0 < int(rank[:9]) == int(rank)):
            raise BadParameter(f"rank is {rank!r}: give the place of a candidate, from 1")
        drawn = await _in_thread(self._drawn, self.lab.current, asked["query"], asked["search"], int(rank))
        return _answer(drawn, "image/svg+xml")

    async def sql(self, request: Request) -> Response:
        body = read_body(SqlBody, await request.body())
        return await self._rows(request, body.query, body.parameters, own=False)

    async def search(self, request: Request) -> Response:
        body = read_body(SearchBody, await request.body())
        state = self.lab.current
        if is_quick(state, body):
            found = search_spectra(self.lab, state, body)
        else:
            found = await _in_thread(search_spectra, self.lab, state, body)
        any_fit = any("candidates" in answer for answer in found["answers"])
        return _answer(as_json(found), JSON, status=200 if any_fit else status_of(StatementFailed("")))

    async def _rows(
        self,
        request: Request,
        statement: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        state: ServedState | None = None,
        *,
        own: bool = True,
    ) -> Response:
        engine = (state or self.lab.current).engine
        text = schemas.read(statement) if own else statement
        most = _ALL if statement in _WHOLE else None
        form = wanted_form(request.headers.get("accept", ""))

        def written() -> tuple[bytes, bool]:
            if form == ARROW:
                table, truncated = engine.table(text, parameters, own=own, most=most)
                return table_as_arrow(table), truncated
            rows = engine.rows(text, parameters, own=own, most=most)
            return (rows_as_csv(rows) if form == CSV else rows_as_json(rows)), rows.truncated

        content, truncated = await _in_thread(written)
        return _answer(content, form, headers={_TRUNCATED: "true"} if truncated else None)

    def _drawn(self, state: ServedState, query: str, search: str | None, rank: int) -> bytes:
        from spectradb.figures.hit import plot_hit  # noqa: PLC0415 - matplotlib takes a second to import

        with self._drawing, state.opened.cursor(statement="") as con:
            figure = plot_hit(con, query, search=search, rank=rank).figure
            written = io.BytesIO()
            figure.savefig(written, format="svg")
        return written.getvalue()


def _check_search(state: ServedState, search: str) -> None:
    known = [
        row["search_id"]
        for row in rows_as_dicts(state.engine.rows(schemas.read("queries/serving/searches"), own=True, most=_ALL))
    ]
    if search not in known:
        raise NoSearch(f"the lab has no search {search!r}; it has: {known_names(search, known)}")


def _asked(request: Request, *names: str) -> dict[str, str | None]:
    """Take the parameters of a path; others are refused, since a misspelt one would be passed over in silence."""
    given = request.query_params
    for name in given:
        if name not in names:
            raise BadParameter(f"{name!r} is not asked for here; what is: {known_names(name, names)}")
    return {name: given.get(name) for name in names}


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - passes everything through
    return await _concurrency.run_in_threadpool(function, *arguments)


def _answer(content: bytes, kind: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response: Response = _responses.Response(content, status_code=status, media_type=kind, headers=headers)
    return response


def _told(error: SpectraDBError, status: int | None = None, headers: Mapping[str, str] | None = None) -> Response:
    return _answer(as_json(told(error)), JSON, status=status or status_of(error), headers=headers)


def _refused(request: Request, error: SpectraDBError) -> Response:  # noqa: ARG001 - the signature is Starlette's
    return _told(error)


def _no_such_place(request: Request, error: Any) -> Response:  # noqa: ANN401 - Starlette's
    remedy = f"{request.method} {request.url.path} is not answered here. Look at / for what is"
    # Where the method is another one, the headers say which the path has.
    return _told(NoSuchPlace(remedy), error.status_code, error.headers)


def _failed(request: Request, error: Exception) -> Response:
    # Said to whoever runs the server; a client learns nothing of its inside.
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _answer(
        as_json({"error": "Failed", "state": "The server failed.", "remedy": "Tell whoever runs it"}), JSON, status=500
    )
