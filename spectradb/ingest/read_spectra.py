"""Reading spectra without storing them: what an ad-hoc search of a file needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.errors import NoSpectra
from spectradb.ingest.harmonise import HARMONISED_SCHEMA, Harmoniser
from spectradb.ingest.peaks import PeakRecipe
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.ingest.fields.drop_reasons import Tally


def read_spectra(file: Path, *, ion_mode: str | None = None, recipe: PeakRecipe | None = None) -> tuple[pa.Table, Tally]:
    """Read and harmonise the spectra of a file.

    Parameters
    ----------
    file : pathlib.Path
        A file of a known format.
    ion_mode : {"positive", "negative"}, optional
        Ion mode of spectra that do not tell theirs.
    recipe : PeakRecipe, optional
        How to clean peaks; the default recipe when None.

    Returns
    -------
    (pyarrow.Table, Tally)
        Harmonised spectra, and the counts of what was read, kept and dropped.

    Raises
    ------
    NoSpectra
        If no spectrum is left.
    UnreadableFile, UnknownFormat
        If the file cannot be read.
    """
    problems = Problems()
    harmoniser = Harmoniser(file.name, "study", recipe or PeakRecipe(), ion_mode_default=ion_mode)
    tables = [harmoniser.apply(batch, file.name) for batch in formats.detect(file).read(file, problems)]
    for problem in problems.found:
        harmoniser.tally.add("read")
        harmoniser.tally.add("dropped", "unreadable_record", place=f"{problem.place}: {problem.reason}")
    spectra = pa.concat_tables([HARMONISED_SCHEMA.empty_table(), *tables])
    if spectra.num_rows == 0:
        dropped = ", ".join(f"{n} {reason}" for (outcome, reason), n in harmoniser.tally.counts.items() if outcome == "dropped")
        msg = f"{file}: no spectrum is left to search ({dropped or 'none in the file'})"
        raise NoSpectra(msg)
    return spectra, harmoniser.tally
