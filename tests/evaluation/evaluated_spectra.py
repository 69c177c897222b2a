"""Spectra without meaning, whose laboratories, analytes and precursors are given, for tests of evaluation."""

import numpy as np
import pyarrow as pa
from made_spectra import write_arrow

from spectradb.arrays.annotated_spectra import COLUMNS, load_training_data


def data_of(folder, *rows):
    """Make data of rows (contributor, analyte, precursor m/z) or (contributor, analyte, precursor m/z, changes)."""
    full = [
        {
            "spectrum_id": number,
            "mz": [50.0 + number],
            "intensity": [1.0],
            "precursor_mz": precursor_mz,
            "ion_mode": "positive",
            "analyte_id": analyte,
            "contributor": contributor,
            "source_license": "CC0",
            "instrument_type": "LC-ESI-QTOF",
            "collision_energy_ev": None,
            "collision_energy_nce": None,
            "peaks_hash": number,
            **(changes[0] if changes else {}),
        }
        for number, (contributor, analyte, precursor_mz, *changes) in enumerate(rows)
    ]
    return load_training_data(write_arrow(pa.Table.from_pylist(full, schema=pa.schema(COLUMNS)), folder / "rows.arrow"))


def score_table(pairs, scores):
    """Give the scores of pairs from a mapping of (query, reference); what it lacks is 0."""
    found = [scores.get((q, r), 0.0) for q, r in zip(pairs.query.tolist(), pairs.reference.tolist(), strict=True)]
    return np.array(found)
