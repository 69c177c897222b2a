"""The kinds of sample vectors: how the spectra of a run or sample became one vector, and where to find the vectors in a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection
from spectradb.search.checks import check_embedded
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb
    import numpy.typing as npt

VECTOR_METHODS = ("mean", "intensity_weighted", "max", "mean_spread", "codebook")
PROFILE_METHODS = ("precursor_profile", "peak_profile", "memo")
METHODS = (*VECTOR_METHODS, *PROFILE_METHODS)
LEVELS = ("run", "sample")


@dataclass(frozen=True)
class VectorKind:
    """One kind of sample vectors of a study.

    Parameters
    ----------
    study : str
        Name of the study.
    method : str
        One of ``METHODS``.
    embedder : str
        The model whose vectors are aggregated; profiles use it only to subtract blanks.
    level : {"run", "sample"}
        What one vector stands for.
    subtract_blanks : bool
        Leave out spectra that blank samples show as well (macro ``blank_spectra``).
    """

    study: str
    method: str
    embedder: str
    level: str = "run"
    subtract_blanks: bool = False

    @property
    def model(self) -> str | None:
        """The model as recorded: None for profiles, which have none."""
        return self.embedder if self.method in VECTOR_METHODS else None

    def check(self, con: duckdb.DuckDBPyConnection) -> None:
        """Check that a lab can have vectors of this kind.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.

        Raises
        ------
        BadParameter
            If the method or the level is unknown.
        NoCollection, NoEmbedding
            If the study is missing or has no vectors of the model.
        """
        if self.method not in METHODS:
            msg = f"method {self.method!r} must be one of {', '.join(METHODS)}"
            raise BadParameter(msg)
        if self.level not in LEVELS:
            msg = f"level {self.level!r} must be run or sample"
            raise BadParameter(msg)
        studies = con.table("studies").to_arrow_table()["name"].to_pylist()
        if self.study not in studies:
            msg = f"the lab has no study {self.study!r}; it has: {known_names(self.study, studies)}"
            raise NoCollection(msg)
        if self.model is not None or self.subtract_blanks:
            check_embedded(con, self.embedder, self.study)

    def columns(self) -> dict[str, object]:
        """Return the kind as the columns that tables of the record have for it.

        Returns
        -------
        dict of str to object
            study, method, model, level, blanks_subtracted.
        """
        return {
            "study": self.study,
            "method": self.method,
            "model": self.model,
            "level": self.level,
            "blanks_subtracted": self.subtract_blanks,
        }

    def older(self, created: datetime) -> str:
        """Select what was recorded of this kind before.

        Parameters
        ----------
        created : datetime.datetime
            Time of what replaces it.

        Returns
        -------
        str
            Filter in Lance's SQL dialect.
        """
        return " AND ".join([*(_equals(name, value) for name, value in self.columns().items()), before(created)])

    def read(
        self, con: duckdb.DuckDBPyConnection, *, relation: str = "sample_embeddings"
    ) -> dict[str, npt.NDArray[np.float32]]:
        """Read the vectors of this kind.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        relation : str
            Where they are.

        Returns
        -------
        dict of str to numpy.ndarray of float32, shape (d,)
            By run_id or sample_id; empty when none are there.
        """
        values = {**self.columns(), "relation": relation}
        rows = to_arrow(con, schemas.read("queries/samples/sample_vectors"), values)
        # Through Python's numbers, vectors of a bag of words would take a gigabyte.
        return {
            unit: np.asarray(vector.values.to_numpy(), dtype=np.float32)
            for unit, vector in zip(rows["unit_id"].to_pylist(), rows["embedding"], strict=True)
        }


def quoted(value: object) -> str:
    """Quote a text for a filter of Lance.

    Parameters
    ----------
    value : object
        The text.

    Returns
    -------
    str
        A literal.
    """
    return "'" + str(value).replace("'", "''") + "'"


def before(created: datetime) -> str:
    """Select what is older than a time.

    Publishing shows the latest of each kind, so that new rows are appended first and what they replace is deleted after.

    Parameters
    ----------
    created : datetime.datetime
        The time.

    Returns
    -------
    str
        Filter in Lance's SQL dialect.
    """
    return f"created < timestamp '{created.isoformat(' ')}'"


def _equals(name: str, value: object) -> str:
    if value is None:
        return f"{name} IS NULL"
    return f"{name} = {value if isinstance(value, bool) else quoted(value)}"
