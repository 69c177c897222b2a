"""Exporting a lab's spectra of known analytes into the one file from which encoders are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from spectradb import schemas
from spectradb.encoder.training_data import COLUMNS
from spectradb.errors import NoLab, NoSpectra

if TYPE_CHECKING:
    from pathlib import Path


def export_training_data(published: Path, file: Path) -> int:
    """Write the spectra of known analytes of a published lab to an Arrow file.

    Parameters
    ----------
    published : pathlib.Path
        The lab's ``lab.duckdb``.
    file : pathlib.Path
        Arrow IPC file to write.

    Returns
    -------
    int
        The number of spectra written.

    Raises
    ------
    NoLab
        There is no such published file.
    NoSpectra
        No spectrum of the lab has an analyte.
    """
    if not published.is_file():
        raise NoLab(f"{published}: no such file. Name the lab.duckdb of a lab that holds a library.")
    with duckdb.connect(str(published), read_only=True) as con:
        table = con.execute(schemas.read("queries/training_spectra")).to_arrow_table().cast(pa.schema(COLUMNS))
    if table.num_rows == 0:
        raise NoSpectra(f"{published}: no spectrum has an analyte. Import a library with structures first.")
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return int(table.num_rows)
