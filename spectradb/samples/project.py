"""The verb project: sample vectors drawn in the plane by PCA and UMAP, recorded in ``sample_projection``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spectradb.errors import BadParameter
from spectradb.late_modules import load
from spectradb.samples.design import vectors_of
from spectradb.samples.vector_kind import quoted
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    import duckdb

    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

PROJECTIONS = ("pca", "umap")
_NEIGHBOURS = 15

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProjectReport:
    """What projections were made.

    Parameters
    ----------
    study, method : str
        What was projected.
    projections : tuple of str
        How.
    n_units : int
        Runs or samples.
    explained : tuple of float or None
        Shares of the variance along both axes of the PCA.
    """

    study: str
    method: str
    projections: tuple[str, ...]
    n_units: int
    explained: tuple[float, float] | None

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        lines = [f"{self.study}: {self.n_units} vectors ({self.method}) projected by {' and '.join(self.projections)}"]
        if self.explained:
            lines.append("  the axes of the PCA hold {:.1%} and {:.1%} of the variance".format(*self.explained))
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def pca(vectors: Floats) -> tuple[Floats, tuple[float, float]]:
    """Project on the two directions of largest variance.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, d)
        Vectors, n and d at least 2.

    Returns
    -------
    (numpy.ndarray of float, shape (n, 2), (float, float))
        Coordinates, and the share of the variance along each. The sign of an axis, which is free, makes the coordinate that is
        largest in size positive.
    """
    centred = vectors - vectors.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    coordinates = left[:, :2] * lengths[:2]
    largest = coordinates[np.abs(coordinates).argmax(axis=0), [0, 1]]
    total = float((lengths**2).sum())
    shares = lengths[:2] ** 2 / total if total else np.zeros(2)
    return coordinates * np.where(largest < 0, -1, 1), (float(shares[0]), float(shares[1]))


def umap(vectors: Floats, *, seed: int = 0) -> Floats:
    """Project by UMAP with the cosine metric.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, d)
        Vectors, n at least 4.
    seed : int
        Seed; the same seed gives the same picture on one machine.

    Returns
    -------
    numpy.ndarray of float, shape (n, 2)
        Coordinates.
    """
    package = load("umap", extra="umap")
    neighbours = min(_NEIGHBOURS, len(vectors) - 1)
    # The spectral start fails on a handful of points.
    start = "spectral" if len(vectors) > _NEIGHBOURS else "random"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = package.UMAP(n_neighbors=neighbours, metric="cosine", init=start, random_state=seed, n_jobs=1)
        return np.asarray(fitted.fit_transform(vectors), dtype=np.float64)


def project(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    kind: VectorKind,
    *,
    projections: tuple[str, ...] = PROJECTIONS,
    seed: int = 0,
) -> ProjectReport:
    """Project the vectors of the runs or samples of a study, and record the coordinates.

    Parameters
    ----------
    record : Record
        The lab's record; earlier coordinates of the same kind are replaced.
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : VectorKind
        Which vectors.
    projections : tuple of str
        ``pca``, ``umap`` or both.
    seed : int
        Seed of UMAP.

    Returns
    -------
    ProjectReport
        What was done.

    Raises
    ------
    BadParameter
        If there are too few vectors, or a projection has no such name.
    MissingDependency
        If UMAP is asked for and not installed.
    """
    if not projections or not set(projections) <= set(PROJECTIONS):
        msg = f"projections {', '.join(projections) or 'none'} must be of {', '.join(PROJECTIONS)}"
        raise BadParameter(msg)
    unit_ids, vectors = vectors_of(record, con, kind)
    least = 4 if "umap" in projections else 2
    if len(vectors) < least:
        msg = f"{kind.study} has {len(vectors)} {kind.level}s with a vector: PCA needs two, UMAP four"
        raise BadParameter(msg)
    if "umap" in projections:
        load("umap", extra="umap")  # before anything is computed
    created = datetime.now(UTC).replace(tzinfo=None)
    rows: list[dict[str, object]] = []
    explained = None
    for projection in projections:
        shares: tuple[float, float] | tuple[None, None] = (None, None)
        if projection == "pca":
            coordinates, explained = pca(vectors)
            shares = explained
        else:
            coordinates = umap(vectors, seed=seed)
        constants = kind.columns() | {
            "projection": projection,
            "seed": seed,
            "explained_x": shares[0],
            "explained_y": shares[1],
            "created": created,
        }
        rows += [
            constants | {"unit_id": unit_id, "x": float(x), "y": float(y)}
            for unit_id, (x, y) in zip(unit_ids, coordinates, strict=True)
        ]
    record.append("sample_projection", pa.Table.from_pylist(rows, schema=table_schema("sample_projection")))
    made = ", ".join(quoted(projection) for projection in projections)
    record.delete("sample_projection", f"projection IN ({made}) AND {kind.older(created)}")
    return ProjectReport(kind.study, kind.method, tuple(projections), len(unit_ids), explained)
