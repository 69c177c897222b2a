"""What an exported model takes and gives, as a JSON file beside it.

An ONNX model ``<name>.onnx`` or a TorchScript model ``<name>.pt`` comes with ``<name>.json``, which says how a spectrum becomes
the model's inputs. Every key is one of these; those with a default may be left out:

====================== ======================= =============================================================================
key                    default                 meaning
====================== ======================= =============================================================================
format                                         ``"spectradb-exported-1"``
dimension                                      length of the vectors
inputs                                         list of the model's inputs, see below
output                 null                    ONNX: name of the output with the vectors. TorchScript: position in a returned
                                               tuple, key of a returned dict. null: the only output
n_peaks                null                    keep this many of the most intense peaks, of equally intense ones those of
                                               lower m/z; null: all
min_relative_intensity 0                       drop peaks below this share of the base peak
peak_order             "mz"                    "mz": ascending m/z; "intensity": descending intensity
intensity_transform    "none"                  of intensities relative to the base peak: "none", "sqrt", or "log1p", ln(1 + x)
intensity_norm         "none"                  after it: "none", or scaled so that the "max", the "sum", or the root of the
                                               sum of squares ("unit") is 1
mz_scale               1                       every m/z is divided by this (Da)
precursor_token        null                    intensity of a first token with the m/z of the precursor; null: no such token
padding                "fixed"                 rows of tokens are filled up with zeros to ``n_peaks`` (and the precursor's
                                               token) if "fixed", to the longest of the batch if "batch"
l2_normalise           true                    scale vectors to length 1; false: the model gives such vectors, which is checked
max_batch              256                     spectra in one call, at most; 1 for a model with a batch axis of 1
ion_modes              ["positive","negative"] the modes of the spectra that it was trained on
training_data          null                    what it was trained on, any JSON; into the lab's ``models`` table
licence, notes         null                    text, for people
====================== ======================= =============================================================================

Each of ``inputs`` is ``{"name": ..., "holds": ..., "dtype": "float32", "shape": [...]}``, in the order of the model's
parameters. ``holds`` says what is passed, and the axes it has:

================ =========================== =================================================================
holds            shape by default            what
================ =========================== =================================================================
peaks            spectrum, token, channel    m/z and intensity, channels 0 and 1
mz, intensity    spectrum, token             one of them
mask             spectrum, token             1 where there is a token, 0 in padding
padding_mask     spectrum, token             the other way round
precursor_mz     spectrum                    m/z of the precursor, divided by ``mz_scale``
ion_mode         spectrum                    1 positive, -1 negative, 0 unknown
n_tokens         spectrum                    tokens that are no padding
================ =========================== =================================================================

``shape`` puts the same axes into another order, and may have 1 among them for an axis of length 1, such as
``["spectrum", "channel", "token"]`` or ``["spectrum", 1]``. ``dtype`` is float16, float32, float64, int32, int64 or bool.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb.errors import BadModel

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "spectradb-exported-1"
AXES: dict[str, tuple[str, ...]] = {
    "peaks": ("spectrum", "token", "channel"),
    "mz": ("spectrum", "token"),
    "intensity": ("spectrum", "token"),
    "mask": ("spectrum", "token"),
    "padding_mask": ("spectrum", "token"),
    "precursor_mz": ("spectrum",),
    "ion_mode": ("spectrum",),
    "n_tokens": ("spectrum",),
}
DTYPES = ("float16", "float32", "float64", "int32", "int64", "bool")
_CHOICES: dict[str, tuple[str, ...]] = {
    "peak_order": ("mz", "intensity"),
    "intensity_transform": ("none", "sqrt", "log1p"),
    "intensity_norm": ("none", "max", "sum", "unit"),
    "padding": ("fixed", "batch"),
}
_MODES = ("positive", "negative")
# Settings that tell about the model or bound its calls, but change no vector.
_NOT_PREPROCESSING = ("max_batch", "ion_modes", "training_data", "licence", "notes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """One input of an exported model; see the module's text.

    Parameters
    ----------
    name : str
        Name of the input (ONNX) or of the parameter (TorchScript, for people).
    holds : str
        What is passed.
    dtype : str
        Type of its numbers.
    shape : tuple of str or int
        Its axes, in order.
    """

    name: str
    holds: str
    dtype: str
    shape: tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSettings:
    """How spectra become an exported model's inputs; the parameters are the keys that the module's text explains."""

    dimension: int
    inputs: tuple[ModelInput, ...]
    output: str | int | None = None
    n_peaks: int | None = None
    min_relative_intensity: float = 0.0
    peak_order: str = "mz"
    intensity_transform: str = "none"
    intensity_norm: str = "none"
    mz_scale: float = 1.0
    precursor_token: float | None = None
    padding: str = "fixed"
    l2_normalise: bool = True
    max_batch: int = 256
    ion_modes: tuple[str, ...] = _MODES
    training_data: Any = None
    licence: str | None = None
    notes: str | None = None

    @property
    def reads_precursor(self) -> bool:
        """Whether a spectrum without precursor m/z cannot be embedded."""
        return self.precursor_token is not None or any(one.holds == "precursor_mz" for one in self.inputs)

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors, except the model's file."""
        settings = dataclasses.asdict(self)
        settings["inputs"] = [{**one, "shape": list(one["shape"])} for one in settings["inputs"]]
        return {name: value for name, value in settings.items() if name not in _NOT_PREPROCESSING}


def read_settings(file: Path) -> ExportedSettings:
    """Read and check the JSON beside an exported model.

    Parameters
    ----------
    file : pathlib.Path
        The JSON file.

    Returns
    -------
    ExportedSettings
        Its settings.

    Raises
    ------
    BadModel
        The file is missing, or a key is missing, unknown or wrong; the message names it.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadModel(
            f"{file}: no such file. An ONNX or TorchScript model comes with a JSON file of its preprocessing, which "
            "`python -c 'import spectradb.embedders.exported.settings as e; help(e)'` describes."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise BadModel(f"{file}: not readable JSON ({error}). Correct it.") from error
    return settings_from_json(content, place=str(file))


def settings_from_json(content: object, *, place: str) -> ExportedSettings:
    """Check settings.

    Parameters
    ----------
    content : object
        What the JSON file holds.
    place : str
        The file, for messages.

    Returns
    -------
    ExportedSettings
        The settings.

    Raises
    ------
    BadModel
        A key is missing, unknown or wrong.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadModel(f'{place}: its "format" must be "{FORMAT}"')
    given = {name: value for name, value in content.items() if name != "format"}
    known = {field.name for field in dataclasses.fields(ExportedSettings)}
    unknown = sorted(set(given) - known)
    missing = sorted({"dimension", "inputs"} - set(given))
    if unknown or missing:
        raise BadModel(f"{place}: unknown keys {unknown}, missing keys {missing}; known are {', '.join(sorted(known))}")
    inputs = given.pop("inputs")
    _demand(isinstance(inputs, list) and bool(inputs), place, "inputs", "a list with at least one input")
    given["inputs"] = tuple(_input(one, place=f"{place}, inputs[{i}]") for i, one in enumerate(inputs))
    names = [one.name for one in given["inputs"]]
    _demand(len(set(names)) == len(names), place, "inputs", "named differently from each other")
    _check(given, place)
    if "ion_modes" in given:
        given["ion_modes"] = tuple(given["ion_modes"])
    for name in ("min_relative_intensity", "mz_scale", "precursor_token"):
        if given.get(name) is not None:
            given[name] = float(given[name])
    settings = ExportedSettings(**given)
    if settings.padding == "fixed":
        _demand(settings.n_peaks is not None, place, "n_peaks", 'given where padding is "fixed"')
    return settings


def _check(given: dict[str, Any], place: str) -> None:
    for name, choices in _CHOICES.items():
        if name in given:
            _demand(given[name] in choices, place, name, f"one of {', '.join(choices)}")
    tests = {
        "dimension": (_is_count, "a whole number above 0"),
        "max_batch": (_is_count, "a whole number above 0"),
        "n_peaks": (lambda value: value is None or _is_count(value), "a whole number above 0, or null"),
        "min_relative_intensity": (lambda value: _is_number(value) and 0 <= value <= 1, "a number from 0 to 1"),
        "mz_scale": (lambda value: _is_number(value) and value > 0, "a number above 0"),
        "precursor_token": (lambda value: value is None or _is_number(value), "a number, or null"),
        "l2_normalise": (lambda value: isinstance(value, bool), "true or false"),
        "output": (
            lambda value: value is None or isinstance(value, str) or (type(value) is int and value >= 0),
            "a name, a position or null",
        ),
        "ion_modes": (
            lambda value: isinstance(value, list) and bool(value) and all(mode in _MODES for mode in value),
            "a list of positive, negative or both",
        ),
        "licence": (lambda value: value is None or isinstance(value, str), "text, or null"),
        "notes": (lambda value: value is None or isinstance(value, str), "text, or null"),
    }
    for name, (test, wanted) in tests.items():
        if name in given:
            _demand(test(given[name]), place, name, wanted)


def _input(content: object, *, place: str) -> ModelInput:
    _demand(isinstance(content, dict), place, "input", 'an object such as {"name": "spectrum", "holds": "peaks"}')
    given: dict[str, Any] = dict(content) if isinstance(content, dict) else {}
    unknown = sorted(set(given) - {"name", "holds", "dtype", "shape"})
    _demand(not unknown, place, f"keys {unknown}", "left out; an input has name, holds, dtype and shape")
    name, holds, dtype = given.get("name"), given.get("holds"), given.get("dtype", "float32")
    _demand(isinstance(name, str) and name != "", place, "name", "text")
    _demand(isinstance(holds, str) and holds in AXES, place, "holds", f"one of {', '.join(AXES)}")
    _demand(dtype in DTYPES, place, "dtype", f"one of {', '.join(DTYPES)}")
    axes = AXES[str(holds)]
    shape = given.get("shape", list(axes))
    as_wanted = isinstance(shape, list) and all(axis in axes or (type(axis) is int and axis == 1) for axis in shape)
    as_wanted = as_wanted and sorted(axis for axis in shape if axis != 1) == sorted(axes)
    _demand(as_wanted, place, "shape", f"a list of the axes {', '.join(axes)}, each once, and of ones")
    return ModelInput(name=str(name), holds=str(holds), dtype=str(dtype), shape=tuple(shape))


def _is_count(value: object) -> bool:
    return type(value) is int and value > 0


def _is_number(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value)  # type: ignore[arg-type]  # a number by then


def _demand(fulfilled: bool, place: str, name: str, wanted: str) -> None:  # noqa: FBT001 - the condition that is demanded
    if not fulfilled:
        raise BadModel(f"{place}: {name} must be {wanted}. Correct it.")
