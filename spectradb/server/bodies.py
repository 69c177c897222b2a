"""What clients send as JSON: statements and spectra, checked one by one so that each bad spectrum is told by its name."""

from __future__ import annotations

import json
from typing import Any, Literal, NoReturn, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from spectradb.arrays.matchms_spectra import QuerySpectrum
from spectradb.errors import BadParameter
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM
from spectradb.server.refusals import BadBody
from spectradb.udfs.adducts import canonical_adduct, ion_mode_of

_Body = TypeVar("_Body", bound=BaseModel)


class SqlBody(BaseModel):
    """A question in SQL."""

    model_config = ConfigDict(extra="forbid", strict=True)

    query: str = Field(description="One SELECT.", min_length=1, examples=["SELECT name, n_spectra FROM libraries"])
    parameters: dict[str, str | int | float | bool | None] | list[str | int | float | bool | None] | None = Field(
        default=None, description="Values of its parameters: by name ($name), or in order (?)."
    )


class SpectrumBody(BaseModel):
    """A spectrum to search."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = Field(default=None, description="What the answer calls it; its place among the spectra where left out.")
    mz: list[float] = Field(description="m/z of its peaks.", min_length=1)
    intensity: list[float] = Field(description="Their intensities, in any unit.", min_length=1)
    precursor_mz: float = Field(description="m/z of its precursor.", gt=0)
    adduct: str | None = Field(default=None, description="Its adduct, in any usual spelling; tells the ion mode.")
    ion_mode: Literal["positive", "negative"] | None = Field(
        default=None, description="Needed where there is no adduct that tells it."
    )


class SearchBody(BaseModel):
    """Spectra to search in a library."""

    model_config = ConfigDict(extra="forbid", strict=True)

    library: str = Field(description="Name of the library.")
    spectra: list[Any] = Field(description="The spectra, each as SpectrumBody.", min_length=1)
    method: str = Field(default="embedding", description="How pairs of spectra are scored, as by `spectradb search --method`.")
    model: str | None = Field(default=None, description="Whose vectors are compared; the lab's default model where left out.")
    ppm: float | None = Field(default=DEFAULT_PPM, description="Half-width of the precursor window in ppm; null: none.")
    k: int = Field(default=DEFAULT_K, description="Candidates of each spectrum.", ge=1)
    fragment_tolerance_da: float = Field(
        default=DEFAULT_FRAGMENT_TOLERANCE_DA, description="Tolerance in Da for matched peaks and scores of peaks."
    )


def read_body(kind: type[_Body], content: bytes) -> _Body:
    """Read the body of a request.

    Parameters
    ----------
    kind : type
        What is asked for.
    content : bytes
        The body.

    Returns
    -------
    BaseModel
        The body.

    Raises
    ------
    BadBody
        If it is no JSON, or something is missing or of another kind.
    """
    try:
        value = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadBody(f"the body is no JSON ({error}). Send a JSON object") from error
    return _checked(kind, value, "the body")


def query_spectrum(record: Any) -> QuerySpectrum:  # noqa: ANN401 - whatever JSON holds
    """Read one spectrum of a search.

    Parameters
    ----------
    record : object
        What was sent.

    Returns
    -------
    QuerySpectrum
        The spectrum.

    Raises
    ------
    BadBody, BadParameter, BadAdduct
        If it cannot be searched; the message says what to send.
    """
    body = _checked(SpectrumBody, record, "the spectrum")
    if len(body.mz) != len(body.intensity):
        raise BadParameter(f"it has {len(body.mz)} m/z and {len(body.intensity)} intensities. Send one for each peak")
    ion_mode: str | None = body.ion_mode
    if body.adduct is not None:
        told = ion_mode_of(canonical_adduct(body.adduct, ion_mode))
        if ion_mode not in {None, told}:
            raise BadParameter(
                f"its adduct {body.adduct} is of {told} ion mode, and ion_mode says {ion_mode}. Send the right one"
            )
        ion_mode = told
    if ion_mode is None:
        raise BadParameter("neither ion_mode nor an adduct is given. Send ion_mode: positive or negative")
    mz, intensity = np.array(body.mz, dtype=np.float64), np.array(body.intensity, dtype=np.float64)
    return QuerySpectrum(mz, intensity, body.precursor_mz, ion_mode)


def name_of(record: Any, place: int) -> str:  # noqa: ANN401 - whatever JSON holds
    """Name a spectrum in an answer.

    Parameters
    ----------
    record : object
        What was sent.
    place : int
        Its place among the spectra, from 1.

    Returns
    -------
    str
        Its own name, or its place.
    """
    name = record.get("name") if isinstance(record, dict) else None
    return name if isinstance(name, str) and name else str(place)


def _checked(kind: type[_Body], value: object, what: str) -> _Body:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or what
        raise BadBody(f"{place}: {first['msg']}. Send {what} as {kind.__name__} in /openapi.json says") from error


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)
