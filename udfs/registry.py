"""The scalar functions that spectradb adds to SQL, each with the sentence that documents it."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache, partial
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from duckdb.func import FunctionNullHandling, PythonUDFType

from spectradb import schemas
from spectradb.errors import SpectraDBError
from spectradb.models.registry import DEFAULT_EMBEDDER, OPEN_EMBEDDER, Embedders, trained_dimension

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb


@dataclass(frozen=True)
class SqlFunction:
    """One scalar function of SQL.

    Parameters
    ----------
    name : str
        Its name in SQL.
    parameters : tuple of (str, str)
        Names and DuckDB types of its parameters.
    returns : str
        DuckDB type of its result.
    function : callable
        Takes one Arrow array per parameter, returns one Arrow array.
    comment : str
        What it returns, in one sentence.
    may_be_null : bool
        Whether the result can be NULL where no argument is; such a function is also called with NULL arguments. Others are not,
        and give NULL for them.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    function: Callable[..., Any]
    comment: str
    may_be_null: bool = False

    def __post_init__(self) -> None:
        """Tell the engine how many arguments a function takes that is loaded when it is called."""
        parameters = [Parameter(name, Parameter.POSITIONAL_ONLY) for name, _ in self.parameters]
        self.function.__signature__ = Signature(parameters)  # type: ignore[attr-defined]

    @property
    def signature(self) -> str:
        """The function as its documentation writes it."""
        return f"{self.name}({', '.join(name for name, _ in self.parameters)})"


def _late(module: str, name: str, *of: object) -> Callable[..., Any]:
    """Stand for a function of a module of this package, or for the one that it makes, until it is first called."""

    @cache
    def loaded() -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(importlib.import_module(f"spectradb.udfs.{module}"), name)
        made: Callable[..., Any] = found(*of) if of else found
        return made

    def call(*columns: object) -> object:
        return loaded()(*columns)

    return call


_SPECTRUM = (("mz", "DOUBLE[]"), ("intensity", "FLOAT[]"), ("precursor_mz", "DOUBLE"), ("ion_mode", "VARCHAR"))
_PEAKS = (("mz_a", "DOUBLE[]"), ("intensity_a", "FLOAT[]"), ("mz_b", "DOUBLE[]"), ("intensity_b", "FLOAT[]"))
_IONS = (*_PEAKS[:2], ("precursor_mz_a", "DOUBLE"), *_PEAKS[2:], ("precursor_mz_b", "DOUBLE"))
_TOLERANCE = ("tolerance_da", "DOUBLE")

FUNCTIONS: tuple[SqlFunction, ...] = (
    SqlFunction(
        "adduct_mz",
        (("monoisotopic_mass", "DOUBLE"), ("adduct", "VARCHAR")),
        "DOUBLE",
        _late("chemistry", "adduct_mz_array"),
        "m/z of the ion that a neutral of this monoisotopic mass (Da) forms with the adduct; NULL when there is no such ion",
        may_be_null=True,
    ),
    SqlFunction(
        "canonical_adduct",
        (("adduct", "VARCHAR"),),
        "VARCHAR",
        _late("chemistry", "canonical_adduct_array"),
        "the adduct in spectradb's one spelling, such as [M+H]+; NULL when unreadable",
        may_be_null=True,
    ),
    SqlFunction(
        "inchikey_2d",
        (("smiles", "VARCHAR"),),
        "VARCHAR",
        _late("chemistry", "inchikey_2d_array"),
        "the analyte_id of a structure: the first 14 characters of its InChIKey; NULL when unreadable",
        may_be_null=True,
    ),
    SqlFunction(
        "structure_vector",
        (("smiles", "VARCHAR"),),
        f"FLOAT[{trained_dimension(OPEN_EMBEDDER)}]",
        _late("structure_vectors", "structure_vector_array"),
        "where the vectors of a structure's spectra by spectradb_analogue are expected: a hint at structures without reference "
        "spectra, no identification; NULL when unreadable",
        may_be_null=True,
    ),
    SqlFunction(
        "cosine_greedy",
        (*_PEAKS, _TOLERANCE),
        "DOUBLE",
        _late("spectral_similarity", "score_array", "cosine_greedy"),
        "cosine of two spectra's square-rooted intensities, peaks matched greedily within the tolerance in Da",
    ),
    SqlFunction(
        "cosine_hungarian",
        (*_PEAKS, _TOLERANCE),
        "DOUBLE",
        _late("spectral_similarity", "score_array", "cosine_hungarian"),
        "cosine of two spectra's square-rooted intensities, peaks matched for the greatest sum within the tolerance in Da",
    ),
    SqlFunction(
        "modified_cosine",
        (*_IONS, _TOLERANCE),
        "DOUBLE",
        _late("spectral_similarity", "modified_score_array", "modified_cosine"),
        "cosine_greedy where peaks also match when they differ by the difference of the precursors",
    ),
    SqlFunction(
        "modified_cosine_hungarian",
        (*_IONS, _TOLERANCE),
        "DOUBLE",
        _late("spectral_similarity", "modified_score_array", "modified_cosine_hungarian"),
        "cosine_hungarian where peaks also match when they differ by the difference of the precursors",
    ),
    SqlFunction(
        "weighted_cosine",
        (*_PEAKS, ("tolerance_ppm", "DOUBLE"), ("weights", "VARCHAR")),
        "DOUBLE",
        _late("spectral_similarity", "weighted_cosine_array"),
        "MZmine's weighted cosine of a query (a) and a library spectrum (b); weights: NONE, SQRT, MASSBANK, NIST11-LC, NIST-GC",
    ),
    SqlFunction(
        "entropy_similarity",
        (*_PEAKS, _TOLERANCE),
        "DOUBLE",
        _late("spectral_similarity", "score_array", "entropy_similarity"),
        "spectral entropy similarity of two spectra, which are cleaned first; peaks match within the tolerance in Da",
    ),
)


_NAMES = re.compile("|".join(["embed", *(f.name for f in FUNCTIONS)]), re.IGNORECASE)


def calls_function(statement: str) -> bool:
    """Tell whether a statement may call one of the functions.

    Parameters
    ----------
    statement : str
        SQL.

    Returns
    -------
    bool
        Whether the name of one, or the beginning of ``embed_<model>``, stands in it anywhere.
    """
    return _NAMES.search(statement) is not None


def embed_functions(default_model: str = DEFAULT_EMBEDDER, *, embedders: Embedders | None = None) -> tuple[SqlFunction, ...]:
    """List the embedding functions: ``embed`` for the default model and ``embed_<model>`` for each known one.

    Parameters
    ----------
    default_model : str
        The model that ``embed`` stands for; where it is not known, as on another machine than that of the lab, there is no
        ``embed``.
    embedders : Embedders, optional
        The lab's embedders; those built in when None. A model whose files are damaged has no function.

    Returns
    -------
    tuple of SqlFunction
        The functions. No weights are loaded before one is called.
    """
    known = embedders or Embedders()
    functions = []
    for model in known.names():
        try:
            dimension = known.dimension(model)
        except SpectraDBError:
            continue
        functions += [
            SqlFunction(
                name,
                _SPECTRUM,
                f"FLOAT[{dimension}]",
                _late("embedding", "embed_array", partial(known.embedder, model)),
                f"unit vector of a spectrum by the model {model}, rounded to half precision as stored ones are",
            )
            for name in (f"embed_{model}", *(["embed"] if model == default_model else []))
        ]
    return tuple(functions)


def register(
    con: duckdb.DuckDBPyConnection, *, default_model: str = DEFAULT_EMBEDDER, embedders: Embedders | None = None
) -> None:
    """Register every function on a connection that does not have it yet; connections to one database share their functions.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection.
    default_model : str
        The model that ``embed`` stands for.
    embedders : Embedders, optional
        The lab's embedders; those built in when None.
    """
    present = {name for (name,) in con.execute(schemas.read("queries/lab/scalar_functions")).fetchall()}
    for f in (*FUNCTIONS, *embed_functions(default_model, embedders=embedders)):
        if f.name not in present:
            con.create_function(
                f.name,
                f.function,
                [kind for _, kind in f.parameters],
                f.returns,
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL if f.may_be_null else FunctionNullHandling.DEFAULT,
            )
