"""Reading spectra without storing them: what an ad-hoc search of a file needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.errors import NoSpectra
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems
from spectradb.ingest.spectra.harmonise import HARMONISED_SCHEMA, Harmoniser
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.ingest.fields.drop_reasons import Tally


def read_spectra(
    file: Path,
    *,
    ion_mode: str | None = None,
    recipe: PeakRecipe | None = None,
    max_isolation_width: float = MAX_ISOLATION_WIDTH,
) -> tuple[pa.Table, Tally]:
    """Read and harmonise the spectra of a file.

    Parameters
    ----------
    file : pathlib.Path
        A file of a known format.
    ion_mode : {"positive", "negative"}, optional
        Ion mode of spectra that do not tell theirs.
    recipe : PeakRecipe, optional
        How to clean peaks; the default recipe when None.
    max_isolation_width : float
        Widest isolation window, in m/z, whose spectra have a precursor.

    Returns
    -------
    (pyarrow.Table, Tally)
        Harmonised spectra, and the counts of what was read, kept and dropped.

    Raises
    ------
    NoSpectra
        If no spectrum is left.
    BadParameter
        If the width is not positive.
    UnreadableFile, UnknownFormat
        If the file cannot be read.
    """
    problems = Problems()
    harmoniser = Harmoniser(
        file.name, "study", recipe or PeakRecipe(), ion_mode_default=ion_mode, max_isolation_width=max_isolation_width
    )
    tables = [harmoniser.apply(batch, file.name) for batch in formats.detect(file).read(file, problems)]
    for problem in problems.found:
        harmoniser.tally.add("read")
        harmoniser.tally.add("dropped", "unreadable_record", place=f"{problem.place}: {problem.reason}")
    spectra = pa.concat_tables([HARMONISED_SCHEMA.empty_table(), *tables])
    if spectra.num_rows == 0:
        dropped = {reason: n for (outcome, reason), n in harmoniser.tally.counts.items() if outcome == "dropped"}
        counts = ", ".join(f"{n} {reason}" for reason, n in dropped.items())
        remedy = f". {REASONS[max(dropped, key=dropped.__getitem__)].remedy}" if dropped else ""
        raise NoSpectra(f"{file}: no spectrum is left to search ({counts or 'none in the file'}){remedy}")
    return spectra, harmoniser.tally
