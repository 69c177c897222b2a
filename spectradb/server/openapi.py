"""What a server answers, as OpenAPI 3.1 describes it, and as a page that fetches nothing."""

from __future__ import annotations

from html import escape
from typing import Any

from spectradb import __version__
from spectradb.server.answers import ARROW, CSV, JSON
from spectradb.server.bodies import SearchBody, SpectrumBody, SqlBody

_REF = "#/components/schemas/{model}"
_TEXT = {"type": "string"}
_ROWS = {
    "type": "object",
    "required": ["columns", "rows", "truncated"],
    "properties": {
        "columns": {
            "type": "array",
            "items": {"type": "object", "required": ["name", "type"], "properties": {"name": _TEXT, "type": _TEXT}},
        },
        "rows": {"type": "array", "items": {"type": "object"}, "description": "64-bit identifiers are text."},
        "truncated": {"type": "boolean", "description": "Whether rows beyond the server's limit were left out."},
    },
}
_OF_ERROR = {
    "error": {"type": "string", "description": "Name of the error."},
    "state": {"type": "string", "description": "What it stands for."},
    "remedy": {"type": "string", "description": "What was found, and what to do."},
}
_ERROR = {"type": "object", "required": list(_OF_ERROR), "properties": _OF_ERROR}
_FOUND = {
    "type": "object",
    "required": ["library", "method", "model", "answers"],
    "properties": {
        "library": _TEXT,
        "method": _TEXT,
        "model": _TEXT,
        "answers": {
            "type": "array",
            "description": "One for each spectrum, in its order: candidates, or an error.",
            "items": {
                "type": "object",
                "required": ["query"],
                "properties": {
                    "query": _TEXT,
                    "candidates": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["rank", "score", "library_spectrum_id", "matched_peaks", "inchikey"],
                            "properties": {
                                "rank": {"type": "integer"},
                                "name": {"type": ["string", "null"]},
                                "inchikey": {"type": ["string", "null"]},
                                "score": {"type": "number"},
                                "ppm_error": {"type": "number"},
                                "matched_peaks": {"type": "integer"},
                                "library_spectrum_id": _TEXT,
                            },
                        },
                    },
                    **_OF_ERROR,
                },
            },
        },
    },
}


def _parameter(name: str, text: str, *, required: bool = False, kind: str = "string") -> dict[str, Any]:
    schema = {"type": kind, **({"minimum": 1} if kind == "integer" else {"minLength": 1} if required else {})}
    return {"name": name, "in": "query", "description": text, "required": required, "schema": schema}


def _error(text: str) -> dict[str, Any]:
    return {"description": text, "content": {JSON: {"schema": {"$ref": _REF.format(model="Error")}}}}


def _operation(
    summary: str,
    content: dict[str, Any],
    *,
    parameters: list[dict[str, Any]] | None = None,
    body: str | None = None,
    errors: tuple[int, ...] = (),
) -> dict[str, Any]:
    texts = {
        401: "No token, or a wrong one.",
        404: "The lab has no such thing.",
        408: "Ended at the time limit.",
        413: "The body is too long.",
        422: "It cannot be answered.",
        501: "A package is missing on the server.",
        503: "Too busy, or the lab cannot be read.",
    }
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "200": {"description": "The answer.", "content": content},
            **{str(status): _error(texts[status]) for status in (401, *errors)},
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": {"$ref": _REF.format(model=body)}}},
        }
    return operation


def description() -> dict[str, Any]:
    """Describe the server.

    Returns
    -------
    dict
        An OpenAPI document.
    """
    rows = {
        JSON: {"schema": {"$ref": _REF.format(model="Rows")}},
        CSV: {"schema": _TEXT},
        ARROW: {"schema": {"type": "string", "format": "binary"}},
    }
    rows_json = {JSON: rows[JSON]}
    search = _parameter("search", "Name of a search; where left out the newest of each study.")
    bodies = {kind.__name__: kind.model_json_schema(ref_template=_REF) for kind in (SqlBody, SearchBody, SpectrumBody)}
    bodies["SearchBody"]["properties"]["spectra"]["items"] = {"$ref": _REF.format(model="SpectrumBody")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "spectradb",
            "version": __version__,
            "description": "A lab of tandem mass spectra, for reading. Answers show the state that is published.",
        },
        "security": [{"token": []}],
        "paths": {
            "/status": {"get": _operation("What the lab holds, and when it was published", rows_json, errors=(503,))},
            "/tables": {"get": _operation("Tables and views with their columns, and what they are", rows_json, errors=(503,))},
            "/searches": {"get": _operation("The finished searches, the newest first", rows, errors=(503,))},
            "/identifications": {
                "get": _operation(
                    "What spectra were identified as",
                    rows,
                    parameters=[search, _parameter("sample", "A sample's id or name; where left out all.")],
                    errors=(404, 408, 422, 503),
                )
            },
            "/hit": {
                "get": _operation(
                    "A query over the library spectrum of one of its candidates, drawn",
                    {"image/svg+xml": {"schema": _TEXT}},
                    parameters=[
                        _parameter("query", "The query: its spectrum_id, native_id, or run/native_id.", required=True),
                        search | {"description": "The search; where left out the last that has a candidate."},
                        _parameter("rank", "Which candidate.", kind="integer"),
                    ],
                    errors=(404, 422, 503),
                )
            },
            "/sql": {
                "post": _operation("Run one SELECT", rows, body="SqlBody", errors=(408, 413, 422, 503)),
            },
            "/search": {
                "post": _operation(
                    "Search spectra in a library, without storing anything",
                    {JSON: {"schema": {"$ref": _REF.format(model="Found")}}},
                    body="SearchBody",
                    errors=(404, 413, 422, 501, 503),
                ),
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Rows": _ROWS, "Error": _ERROR, "Found": _FOUND, **bodies},
        },
    }


def page() -> str:
    """Write the description as a page.

    Returns
    -------
    str
        HTML that fetches nothing.
    """
    parts = []
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            given = "".join(
                f"<li><code>{escape(one['name'])}</code>: {escape(one['description'])}</li>"
                for one in operation.get("parameters", [])
            )
            sent = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {}).get("$ref", "")
            body = f"<p>Send JSON: <code>{escape(sent.rpartition('/')[2])}</code></p>" if sent else ""
            forms = ", ".join(operation["responses"]["200"]["content"])
            parts.append(
                f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}.</p>"
                f"{f'<ul>{given}</ul>' if given else ''}{body}<p>Answers: {escape(forms)}.</p>"
            )
    bodies = [
        f"<h2><code>{escape(name)}</code></h2><ul>"
        + "".join(
            f"<li><code>{escape(field)}</code>{'' if field in schema.get('required', ()) else ' (may be left out)'}: "
            f"{escape(told.get('description', ''))}</li>"
            for field, told in schema["properties"].items()
        )
        + "</ul>"
        for name, schema in description()["components"]["schemas"].items()
        if name.endswith("Body")
    ]
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>spectradb</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}h2{font-size:1.1em}</style>"
        "<h1>spectradb</h1><p>A lab of tandem mass spectra, for reading. Every request but this page and "
        "<a href='/openapi.json'>/openapi.json</a> needs the header <code>Authorization: Bearer TOKEN</code>. Errors are JSON: "
        "<code>error</code>, <code>state</code>, <code>remedy</code>.</p>"
        f"{''.join(parts)}{''.join(bodies)}</html>"
    )
