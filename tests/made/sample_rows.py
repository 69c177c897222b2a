"""Samples, runs and spectra with vectors of two elements, for tests of SQL about samples."""

from table_rows import put, tables

from spectradb import schemas
from spectradb.store.publishing.publish import SOURCES

OF_SAMPLES = (
    "macros/metrics/thresholds/as_number",
    "views/samples/sample_labels",
    *(
        f"macros/samples/{name}"
        for name in (
            "blank_spectra",
            "sample_embedding",
            "precursor_profile",
            "peak_profile",
            "nearest_codeword",
            "codebook_histogram",
            "classification_metrics",
            "confusion_matrix",
            "regression_metrics",
            "cluster_quality",
        )
    ),
)
UP, RIGHT, DIAGONAL = [0.0, 1.0], [1.0, 0.0], [0.6, 0.8]


def spectrum(spectrum_id, run, precursor_mz, vector, tic=1.0, **more):
    return {
        "spectrum_id": spectrum_id,
        "collection": "s",
        "run_id": run,
        "precursor_mz": precursor_mz,
        "ion_mode": "positive",
        "embedding_toy": vector,
        "tic": tic,
        "mz": [50.5, 200.0],
        "intensity": [1.0, 4.0],
    } | more


def embedded_tables():
    """The tables that are published, empty, with a collection s that a model of two elements embeds."""
    con = tables(*SOURCES)
    con.execute("ALTER TABLE spectra ADD COLUMN embedding_toy FLOAT[2]")
    con.execute("CREATE SCHEMA vectors")
    con.execute(schemas.fill("publish/embedded_view", collection="s", model="toy"))
    con.execute("CREATE VIEW vectors.s__default AS FROM vectors.s__toy")
    return con


def sample_tables():
    """Two runs of one sample, a blank, and a run without a sample; vectors of two elements."""
    con = embedded_tables()
    for name in OF_SAMPLES:
        con.execute(schemas.read(name))
    put(
        con,
        "samples",
        {"sample_id": "s/a", "study": "s", "name": "a", "sample_type": "sample", "sample_group": "g", "metadata": {"age": "7"}},
        {"sample_id": "s/b", "study": "s", "name": "b", "sample_type": "Solvent Blank"},
    )
    put(
        con,
        "runs",
        {"run_id": "s/1", "collection": "s", "sample_id": "s/a", "ion_mode": "positive"},
        {"run_id": "s/2", "collection": "s", "sample_id": "s/a"},
        {"run_id": "s/3", "collection": "s", "sample_id": "s/b"},
        {"run_id": "s/4", "collection": "s"},
    )
    put(
        con,
        "spectra",
        spectrum(1, "s/1", 100.0, UP, tic=1.0),
        spectrum(2, "s/1", 100.9, RIGHT, tic=9.0),
        spectrum(3, "s/2", 1000.5, DIAGONAL),
        spectrum(4, "s/3", 100.0, UP),
        spectrum(5, "s/4", 100.0, RIGHT),
    )
    return con
