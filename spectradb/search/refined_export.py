"""The verb refine: the refined vectors of a library as a Parquet file, for joins in plain SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from spectradb.errors import BadParameter, NoSpectra
from spectradb.search.checks import check_annotated, check_collections, check_embedded, check_window
from spectradb.search.vectors.library_vectors import LibraryVectors
from spectradb.search.vectors.origins import coded_origins, known_analytes, library_refinement, origin_table
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from spectradb.similarity.refined_vectors import RefinementConfig

_ROWS_AT_ONCE = 16_384


@dataclass(frozen=True)
class RefineReport:
    """What refining a library did.

    Parameters
    ----------
    library, model : str
        Whose vectors, by which model.
    file : str
        What was written.
    dimension : int
        Length of the vectors.
    n_refined : int
        Vectors written.
    n_unknown : int
        Spectra that were passed over, because their analyte is unknown.
    n_without_vector : int
        Spectra that have no vector.
    """

    library: str
    model: str
    file: str
    dimension: int
    n_refined: int
    n_unknown: int
    n_without_vector: int

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        passed_over = f"{self.n_unknown:,} without a known analyte, {self.n_without_vector:,} without a vector"
        done = f"{self.library}: {self.n_refined:,} vectors by {self.model} refined, passed over: {passed_over}"
        return [done, f"  written to {self.file}; in SQL: embedding::FLOAT[{self.dimension}]"]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def refine(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    file: Path,
    *,
    library: str,
    model: str,
    ppm: float,
    config: RefinementConfig,
) -> RefineReport:
    """Write the refined vectors of a library, beside the file's name first, so that no half of it is ever found under it.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder : pathlib.Path
        Where its indexes are kept.
    file : pathlib.Path
        The Parquet file to write: id, analyte_id, precursor_mz, ion_mode, contributor, peaks_hash and embedding, by ion mode
        and precursor. A file that is there is replaced.
    library, model : str
        Whose vectors, by which model.
    ppm : float
        Half-width of the precursor window in ppm, that of the searches to come.
    config : RefinementConfig
        How much to refine.

    Returns
    -------
    RefineReport
        What was done.

    Raises
    ------
    BadParameter
        If the file's name does not end in .parquet, or ppm is not positive.
    NoCollection, NoEmbedding
        If the library is missing or has no vectors of the model.
    NoSpectra
        If none of its spectra has a known analyte.
    """
    if file.suffix.lower() != ".parquet":
        raise BadParameter(f"{file}: vectors are written to Parquet. Give a name that ends in .parquet.")
    check_window(ppm, can_be_open=False)
    check_collections(con, library)
    check_annotated(con, library)
    n_without_vector = check_embedded(con, model, library)
    everything = origin_table(con, library, model)
    table = known_analytes(everything).sort_by([("ion_mode", "ascending"), ("precursor_mz", "ascending")])
    if table.num_rows == 0:
        raise NoSpectra(f"no spectrum of {library} has a known analyte and a vector. Import structures or InChIKeys with it.")
    (spectra,) = coded_origins(table)
    vectors = LibraryVectors(folder, library, model).opened(con)
    refinement = library_refinement(spectra, vectors, ppm=ppm, config=config)
    dimension = vectors.stored.shape[1]
    table = table.rename_columns({"spectrum_id": "id"})
    embedding = pa.field("embedding", pa.list_(pa.float32(), dimension), nullable=False)
    with (
        written_whole(file) as beside,
        pq.ParquetWriter(beside, table.schema.append(embedding), compression="zstd") as writer,
        tqdm(total=table.num_rows, unit=" spectra", desc=f"refine {library}", disable=None) as bar,
    ):
        for start in range(0, table.num_rows, _ROWS_AT_ONCE):
            part = table.slice(start, _ROWS_AT_ONCE)
            refined = refinement.refined(np.arange(start, start + part.num_rows))
            column = pa.FixedSizeListArray.from_arrays(pa.array(refined.ravel()), dimension)
            writer.write_table(part.append_column(embedding, column))
            bar.update(part.num_rows)
    n_unknown = everything.num_rows - table.num_rows
    return RefineReport(library, model, str(file), dimension, table.num_rows, n_unknown, n_without_vector)
