"""Relations for search indexes to be built from, the indexes themselves, and damaged copies of them."""

import duckdb
import numpy as np
import pyarrow as pa

import spectradb
from spectradb.store.indexes.mmap_index import write_search_index
from spectradb.udfs import native

RANKED = "FROM rank_analytes_indexed('q', 'l', $path, 'v1', ppm := $ppm, k := $k)"
MERGED = "FROM rank_analytes_indexed('q', 'l', $path, 'v1', ppm := $ppm, k := $k, spectra := $spectra)"


def connection():
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    native.load_extension(con)
    spectradb.extend(con)
    return con


def relation(con, name, *rows, dimension=2):
    """Make a relation of (id, precursor_mz, ion_mode as a sign, embedding, analyte_id)."""
    con.execute(
        f"CREATE OR REPLACE TABLE {name} "
        f"(id BIGINT, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[{dimension}], analyte_id VARCHAR)"
    )
    modes = {"+": "positive", "-": "negative", None: None}
    for spectrum, mz, mode, vector, *analyte in rows:
        con.execute(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", [spectrum, mz, modes[mode], vector, *(analyte or [None])])


def small_library(con):
    relation(
        con,
        "l",
        (12, 400.0, "+", [0.5, 0.5], "B"),
        (11, 200.001, "+", [-0.25, 1.0], "A"),
        (10, 200.0, "+", [0.5, 0.75], "B"),
        (13, 200.0, "-", [1.0, 0.0], "C"),
        (14, 200.0, "+", [0.5, 0.75], "B"),
        (15, 200.0, "+", [1.0, 1.0]),
        (16, 200.0, "+", None, "D"),
        (17, None, "+", [1.0, 0.0], "D"),
    )


def random_relations(con, *, dimension, n_library=3000, n_queries=300, half=True):
    rng = np.random.default_rng(dimension)
    for name, n in (("l", n_library), ("q", n_queries)):
        vectors = rng.standard_normal((n, dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors.astype(np.float16).astype(np.float32) if half else vectors
        columns = {
            "id": rng.permutation(n) + (10**12 if name == "q" else 0),
            "precursor_mz": rng.choice(np.linspace(100, 300, 40), n) * (1 + rng.normal(0, 4e-6, n)),
            "ion_mode": pa.array(rng.choice(["positive", "negative"], n)),
            "analyte_id": pa.array([None if a == 0 else f"A{a:03d}" for a in rng.integers(0, 200, n)]),
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension),
        }
        con.register("made", pa.table(columns))
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM made")


def indexed(con, tmp_path, fingerprint="v1"):
    return write_search_index(con, "l", tmp_path / "l.spectra-index", fingerprint=fingerprint)


def damaged(path, change):
    copy = path.with_name(f"damaged-{len(list(path.parent.iterdir()))}")
    copy.write_bytes(change(bytearray(path.read_bytes())))
    return copy


def flipped(place):
    def change(content):
        content[place] ^= 1
        return content

    return change
