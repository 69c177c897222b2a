"""What hangs on a study, a library, a search or a model: the rows of the record that go with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from spectradb.store.record import Record

KINDS = ("study", "library", "search", "model")

#: Rows that go by a filter, in the order in which they are deleted: what is found by way of others goes before them.
_ORDER = (
    *("hits", "calibrations", "benchmark_results", "benchmarks", "searches", "spectrum_codewords", "codebooks"),
    *("cluster_members", "clusterings", "feature_areas"),
    *("sample_embeddings", "sample_predictions", "sample_projection", "group_markers"),
    *("import_log", "runs", "samples", "kept_states", "spectra", "imports", "studies", "libraries", "models"),
)
_OF_STUDY = ("sample_embeddings", "sample_predictions", "sample_projection", "group_markers")
_IDS_AT_ONCE = 5_000
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Removal:
    """What is to be removed.

    Parameters
    ----------
    kind : {"study", "library", "search", "model"}
        What it is.
    name : str
        Its name.
    """

    kind: str
    name: str


@dataclass(frozen=True)
class Extent:
    """What goes with it.

    Parameters
    ----------
    searches, calibrations, benchmarks : tuple of str
        Names of those that go.
    filters : dict of str to str
        For tables of the record, in the order of deleting, which rows go.
    column : str or None
        Column of spectra that goes.
    """

    searches: tuple[str, ...]
    calibrations: tuple[str, ...]
    benchmarks: tuple[str, ...]
    filters: dict[str, str]
    column: str | None

    def counts(self, record: Record) -> dict[str, int]:
        """Count the rows that go.

        Parameters
        ----------
        record : Record
            The lab's record.

        Returns
        -------
        dict of str to int
            Rows of each table, without tables of which none goes.
        """
        counts = {table: record.dataset(table).count_rows(where) for table, where in self.filters.items()}
        return {table: n for table, n in counts.items() if n}


def extent(record: Record, removal: Removal) -> Extent:
    """Find out what goes with a study, a library, a search or a model.

    Deleting it in its order, interrupted and found out again, comes to the same.

    Parameters
    ----------
    record : Record
        The lab's record.
    removal : Removal
        What is to be removed.

    Returns
    -------
    Extent
        What goes.
    """
    names = _collections(record, removal)
    searches = _searches(record, removal, names)
    calibrations = _calibrations(record, removal, searches)
    benchmarks = _benchmarks(record, removal, searches)
    filters = {
        "hits": _among("search_id", searches),
        "calibrations": _among("calibration_id", calibrations),
        "benchmark_results": _among("benchmark", benchmarks),
        "benchmarks": _among("name", benchmarks),
        "searches": _among("search_id", searches),
    }
    its_name = _among("{}", names)
    if removal.kind in {"study", "library"}:
        filters |= {
            table: its_name.format("collection") for table in ("import_log", "runs", "kept_states", "spectra", "imports")
        }
        filters |= {"samples": its_name.format("study"), "studies": its_name.format("name")}
        filters |= {"libraries": its_name.format("name")}
        made = record.read("clusterings", columns=["import_id"], where=its_name.format("clustering"))["import_id"].to_pylist()
        filters |= {"feature_areas": its_name.format("study")}
        filters |= {"cluster_members": _among("import_id", made), "clusterings": its_name.format("clustering")}
    if removal.kind != "search":
        of = "model" if removal.kind == "model" else "study"
        codebooks = record.read("codebooks", columns=["codebook"], where=its_name.format(of))["codebook"].unique().to_pylist()
        filters |= {table: _among("codebook", codebooks) for table in ("spectrum_codewords", "codebooks")}
        filters |= {table: its_name.format(of) for table in _OF_STUDY}
    if removal.kind == "model":
        filters["models"] = its_name.format("name")
    column = f"embedding_{removal.name}" if removal.kind == "model" else None
    return Extent(
        tuple(searches),
        tuple(calibrations),
        tuple(benchmarks),
        {table: filters[table] for table in _ORDER if table in filters},
        column if column in record.dataset("spectra").schema.names else None,
    )


def unused_structures(record: Record, without: str) -> tuple[list[int], list[str]]:
    """Find the structures that no spectrum has once a collection is gone, and their analytes of which none is left.

    Parameters
    ----------
    record : Record
        The lab's record.
    without : str
        The collection.

    Returns
    -------
    structures : list of int
        Their structure_id.
    analytes : list of str
        The analyte_id of those analytes that have no other structure.
    """
    structures = record.read("structures", columns=["structure_id", "analyte_id"])
    where = f"NOT ({_among('collection', [without])}) AND analyte_id IS NOT NULL"
    spectra = record.read("spectra", columns=["structure_id", "analyte_id"], where=where)
    # A spectrum that does not say which structure it has, has all of its analyte.
    vague = spectra.filter(pc.is_null(spectra["structure_id"]))["analyte_id"]
    used = pc.or_(
        pc.is_in(structures["structure_id"], value_set=_distinct(spectra["structure_id"])),
        pc.is_in(structures["analyte_id"], value_set=_distinct(vague)),
    )
    unused, kept = structures.filter(pc.invert(used)), structures.filter(used)
    gone = set(unused["analyte_id"].to_pylist()) - set(kept["analyte_id"].to_pylist())
    return unused["structure_id"].to_pylist(), sorted(gone)


def of_structures(structures: Collection[int], analytes: Collection[str]) -> Iterable[tuple[str, str]]:
    """Say which rows go with structures and analytes that nobody uses any more.

    Parameters
    ----------
    structures, analytes : collection of int, of str
        As :func:`unused_structures` gives.

    Yields
    ------
    (str, str)
        A table and a filter.
    """
    for ids in _parts(sorted(structures)):
        yield "structures", f"structure_id IN ({', '.join(map(str, ids))})"
    for names in _parts(sorted(analytes)):
        yield "tautomers", _among("analyte_id", names)
        yield "mces", f"{_among('analyte_a', names)} OR {_among('analyte_b', names)}"


def _collections(record: Record, removal: Removal) -> list[str]:
    """Name what is removed, and the collections that were made of its spectra."""
    if removal.kind not in {"study", "library"}:
        return [removal.name]
    where = _among("study", [removal.name])
    return [removal.name, *record.read("clusterings", columns=["clustering"], where=where)["clustering"].unique().to_pylist()]


def _searches(record: Record, removal: Removal, names: Collection[str]) -> list[str]:
    rows = record.read("searches", columns=["search_id", "study", "library", "model", "settings"]).to_pylist()
    for row in rows:
        row["clusters"] = json.loads(row["settings"] or "{}").get("clusters")
    columns = {"search": ("search_id",), "model": ("model",)}.get(removal.kind, ("study", "library", "clusters"))
    return sorted({row["search_id"] for row in rows if not {row[column] for column in columns}.isdisjoint(names)})


def _calibrations(record: Record, removal: Removal, searches: Collection[str]) -> list[str]:
    rows = record.read("calibrations", columns=["calibration_id", "library", "model", "search_id"]).to_pylist()
    column = {"study": "library", "library": "library", "model": "model"}.get(removal.kind)
    return sorted(
        {
            row["calibration_id"]
            for row in rows
            if row["search_id"] in searches or (column is not None and row[column] == removal.name)
        }
    )


def _benchmarks(record: Record, removal: Removal, searches: Collection[str]) -> list[str]:
    rows = record.read("benchmarks", columns=["name", "parameters"]).to_pylist()
    return sorted({row["name"] for row in rows if _names(json.loads(row["parameters"]), removal, searches)})


def _names(parameters: dict[str, Any], removal: Removal, searches: Collection[str]) -> bool:
    """Tell whether the parameters of a benchmark name what is removed."""
    if not set(parameters.get("searches", {}).values()).isdisjoint(searches):
        return True
    if removal.kind == "model":
        return removal.name in parameters.get("methods", ())
    return removal.kind in {"study", "library"} and removal.name in {parameters.get("study"), parameters.get("library")}


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    found = column.unique()
    return found.filter(pc.is_valid(found))


def _among(column: str, names: Collection[str]) -> str:
    """Write a filter of Lance."""
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(names))
    return f"{column} IN ({quoted})" if names else "false"


def _parts(values: list[_Value]) -> Iterable[list[_Value]]:
    return (values[start : start + _IDS_AT_ONCE] for start in range(0, len(values), _IDS_AT_ONCE))
