"""The verb aggregate: one vector per run or sample of a study, recorded in ``sample_embeddings``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, NoSpectra
from spectradb.samples.codebook import spherical_kmeans
from spectradb.samples.vector_kind import before, quoted
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb

    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

_SPECTRA_TO_A_CODEWORD = 100
_FEWEST_CODEWORDS, _MOST_CODEWORDS = 8, 512
# Spectra that a codebook is fitted on, for each codeword: more hardly move the centroids.
_SPECTRA_PER_CODEWORD = 20


@dataclass(frozen=True)
class AggregateReport:
    """What an aggregation did.

    Parameters
    ----------
    study, method, level : str
        What was aggregated how.
    model : str or None
        Whose vectors; None for profiles.
    codebook : str or None
        Name of the codebook, of the method codebook.
    n_units : int
        Runs or samples that got a vector.
    n_spectra : int
        Spectra that went into them.
    dimension : int
        Length of the vectors.
    seconds : float
        Time it took.
    """

    study: str
    method: str
    level: str
    model: str | None
    codebook: str | None
    n_units: int
    n_spectra: int
    dimension: int
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        by = f" by {self.model}" if self.model else ""
        what = f"{self.study}: {self.n_spectra:,} spectra aggregated to {self.n_units:,} {self.level}s"
        return [f"{what}, method {self.method}{by}, {self.dimension:,} dimensions, in {self.seconds:.1f} s"]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def default_codewords(n_spectra: int) -> int:
    """Choose the size of a codebook: one codeword to 100 spectra, but at least 8 and at most 512.

    A codeword stands for a cluster whose share is compared between runs: with fewer spectra in each, shares are mostly zeros
    and ones by chance, and each test of a marker pays for more others.

    Parameters
    ----------
    n_spectra : int
        Spectra of the study.

    Returns
    -------
    int
        Number of codewords.
    """
    return min(max(n_spectra // _SPECTRA_TO_A_CODEWORD, _FEWEST_CODEWORDS), _MOST_CODEWORDS)


def aggregate(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    kind: VectorKind,
    *,
    n_codewords: int | None = None,
    seed: int = 0,
) -> AggregateReport:
    """Aggregate the spectra of each run or sample of a study to one vector, and record the vectors.

    Vectors of the same kind are replaced. The method ``codebook`` fits a codebook on a sample of the study's spectra (it sees
    no labels, but all runs) and records it with the codeword of every spectrum; a published one is used again while the
    spectra are the same.

    Parameters
    ----------
    record : Record
        The lab's record, to which the vectors are added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : VectorKind
        What to aggregate how.
    n_codewords : int, optional
        Size of the codebook; :func:`default_codewords` when None.
    seed : int
        Seed of the codebook.

    Returns
    -------
    AggregateReport
        What was done.

    Raises
    ------
    NoCollection, NoEmbedding
        If the study is missing or has no vectors of the model.
    NoSpectra
        If no run or sample has a spectrum left.
    BadParameter
        If a parameter is out of range.
    """
    kind.check(con)
    if n_codewords is not None and n_codewords < 2:
        msg = f"a codebook needs at least 2 codewords, not {n_codewords}"
        raise BadParameter(msg)
    begun = time.perf_counter()
    created = datetime.now(UTC).replace(tzinfo=None)
    version = record.version("spectra")
    of_spectra = {"study": kind.study, "model": kind.embedder}
    values: dict[str, object] = {**of_spectra, "level": kind.level, "subtract_blanks": kind.subtract_blanks}
    codebook = None
    statement = kind.method
    if kind.method == "codebook":
        n_codewords = n_codewords or default_codewords(_count_spectra(con, kind))
        codebook = f"{kind.study}-{kind.embedder}-{n_codewords}"
        known = {"codebook": codebook, "seed": seed, "record_version": version}
        if con.execute(schemas.read("queries/samples/known_codebook"), known).fetchall():
            con.register("fitted_codebook", con.table("codebooks").to_arrow_table())
            con.register("assigned_codewords", con.table("spectrum_codewords").to_arrow_table())
        else:
            _fit_codebook(record, con, kind, codebook=codebook, n_codewords=n_codewords, seed=seed, created=created)
        values["codebook"] = codebook
        statement = "codebook_histogram"
    elif kind.model is not None:
        values["method"] = kind.method
        statement = "sample_embedding"
    found = to_arrow(con, schemas.read(f"queries/samples/{statement}"), values)
    if not found.num_rows:
        raise NoSpectra(_why_none(kind))
    dimension = len(found["embedding"][0])
    constants = {
        "codebook": codebook,
        "dimension": dimension,
        "record_version": version,
        "spectradb_version": __version__,
        "created": created,
    }
    record.append("sample_embeddings", _with_constants("sample_embeddings", found, kind.columns() | constants))
    record.delete("sample_embeddings", kind.older(created))
    n_spectra = pc.sum(found["n_spectra"]).as_py()
    seconds = time.perf_counter() - begun
    return AggregateReport(
        kind.study, kind.method, kind.level, kind.model, codebook, found.num_rows, n_spectra, dimension, seconds
    )


def _why_none(kind: VectorKind) -> str:
    if kind.method == "memo":
        why = f"no two {kind.level}s of {kind.study} share a peak or a loss of spectra with at least ten peaks"
        return f"{why}. Use --method mean."
    remedy = "Leave --subtract-blanks out." if kind.subtract_blanks else "Give its runs a sample table, or use --level run."
    return f"no {kind.level} of {kind.study} has a spectrum to aggregate. {remedy}"


def _count_spectra(con: duckdb.DuckDBPyConnection, kind: VectorKind) -> int:
    counts = con.execute(schemas.read("queries/lab/embedded_counts"), {"model": kind.embedder}).fetchall()
    return next(int(n) for collection, _, n in counts if collection == kind.study)


def _fit_codebook(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    kind: VectorKind,
    *,
    codebook: str,
    n_codewords: int,
    seed: int,
    created: datetime,
) -> None:
    """Fit and record a codebook and the codewords of the study's spectra; leave both registered for the histogram."""
    of_spectra = {"study": kind.study, "model": kind.embedder}
    size = {"seed": seed, "n": _SPECTRA_PER_CODEWORD * n_codewords}
    sample = to_arrow(con, schemas.read("queries/samples/fitting_spectra"), {**of_spectra, **size})["embedding"]
    vectors = sample.combine_chunks().flatten().to_numpy().reshape(len(sample), -1)
    centroids = spherical_kmeans(vectors, n_codewords, seed=seed)
    codewords = pa.table(
        {"codeword": range(len(centroids)), "centroid": pa.array(list(centroids), pa.list_(pa.float32()))},
    )
    constants = {
        "codebook": codebook,
        "study": kind.study,
        "model": kind.embedder,
        "dimension": vectors.shape[1],
        "n_fitted": len(vectors),
        "seed": seed,
        "record_version": record.version("spectra"),
        "created": created,
    }
    fitted = _with_constants("codebooks", codewords, constants)
    con.register("fitted_codebook", fitted)
    values = {**of_spectra, "codebook": codebook, "created": created}
    assigned = to_arrow(con, schemas.read("queries/samples/nearest_codeword"), values)
    con.register("assigned_codewords", assigned)
    # Publishing shows the latest codebook and the assignments made with it: they are in place before it is.
    record.append("spectrum_codewords", assigned)
    record.append("codebooks", fitted)
    for table in ("spectrum_codewords", "codebooks"):
        record.delete(table, f"codebook = {quoted(codebook)} AND {before(created)}")


def _with_constants(table: str, rows: pa.Table, constants: dict[str, object]) -> pa.Table:
    """Add columns that have one value, in the types and order of the record's table."""
    schema = table_schema(table)
    columns = [
        rows[field.name].cast(field.type)
        if field.name in rows.column_names
        else pa.repeat(pa.scalar(constants[field.name], field.type), rows.num_rows)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
