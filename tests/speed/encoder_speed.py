"""Encoders on a CPU: products in bfloat16 beside float32, in one process, by CPU seconds; and whether they answer alike.

``python tests/speed/encoder_speed.py --lab LAB --library massbank --contributor LCSB --contributor Athens_Univ --record``

Some spectra of the contributors, drawn by a hash, are searched among those of all others within 10 ppm. Rates are of the
embedder, from peaks in memory to vectors in memory.
"""

from __future__ import annotations

import argparse
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import torch
from figures import record

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.transformer.checkpoint import load_checkpoint
from spectradb.embedders.transformer.embedder import TransformerEmbedder

PAIRS = """
    CREATE TEMP TABLE asked AS
    SELECT * FROM spectra WHERE collection = $library AND list_contains($contributors, contributor)
    ORDER BY hash(native_id) LIMIT $n;
    CREATE TEMP TABLE pairs AS
    SELECT q.spectrum_id AS query_id, r.spectrum_id, q.analyte_id = r.analyte_id AS is_right, r.analyte_id
    FROM asked AS q JOIN spectra AS r ON r.precursor_mz BETWEEN q.precursor_mz * (1 - 1e-5) AND q.precursor_mz * (1 + 1e-5)
    WHERE r.collection = $library AND r.ion_mode = q.ion_mode AND r.contributor <> q.contributor
        AND r.peaks_hash <> q.peaks_hash
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", type=Path, required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--contributor", action="append", required=True)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)  # seconds of one core, not of one that waits for the other
    con = duckdb.connect()
    con.execute(f"ATTACH '{options.lab / 'lab.duckdb'}' AS lab (READ_ONLY); USE lab")
    chosen = {"library": options.library, "contributors": options.contributor, "n": options.queries}
    for statement in PAIRS.split(";"):
        con.execute(statement, {name: value for name, value in chosen.items() if f"${name}" in statement})
    spectra = con.sql("""
        SELECT spectrum_id, mz, intensity, precursor_mz, ion_mode FROM spectra
        WHERE spectrum_id IN (SELECT spectrum_id FROM pairs UNION ALL SELECT query_id FROM pairs) ORDER BY hash(spectrum_id)
    """).to_arrow_table()
    pairs = con.sql("FROM pairs").to_arrow_table()
    batch = PeakBatch.from_arrow(**{name: spectra[name] for name in ("mz", "intensity", "precursor_mz", "ion_mode")})
    rows = [row for name in ("spectradb_base", "spectradb_small") for row in _measured(name, batch, spectra, pairs)]
    for row in rows:
        print(*row, sep="\t")
    if options.record:
        record(
            "encoders",
            topic="speed",
            title=f"Encoders on a CPU, {len(batch):,} spectra of MassBank: products in bfloat16 beside float32",
            columns=("model", "products in", "spectra per CPU second", "times float32", "top-1", "least cosine to float32"),
            rows=rows,
            notes=[
                (
                    "The same spectra in turn in one thread, on a CPU with AMX. The cosine is of whole vectors. Top-1: "
                    f"of {options.queries:,} spectra of {', '.join(options.contributor)}, those whose analyte is within 10 ppm."
                )
            ],
        )


def _measured(name: str, batch: PeakBatch, spectra: pa.Table, pairs: pa.Table) -> list[tuple[Any, ...]]:
    checkpoint = load_checkpoint(Path(str(files("spectradb.models") / "weights" / f"{name}.safetensors")))
    embedders = {half: TransformerEmbedder(checkpoint, half_products=half) for half in (False, True)}
    vectors, seconds = {}, {False: 0.0, True: 0.0}
    for half, embedder in embedders.items():
        embedder.embed(batch.slice(0, 256))
        vectors[half] = np.zeros((len(batch), embedder.dimension), dtype=np.float32)
    for start in range(0, len(batch), 2048):
        for half, embedder in embedders.items():
            begin = time.process_time()
            vectors[half][start : start + 2048] = embedder.embed(batch.slice(start, start + 2048))
            seconds[half] += time.process_time() - begin
    alike = np.einsum("ij,ij->i", vectors[True], vectors[False])[batch.lengths > 0]
    rates = {half: len(batch) / took for half, took in seconds.items()}
    return [
        (
            name,
            "bfloat16" if half else "float32",
            rates[half],
            rates[half] / rates[False],
            _top_1(vectors[half], spectra, pairs),
            float(alike.min()) if half else 1.0,
        )
        for half in embedders
    ]


def _top_1(vectors: np.ndarray, spectra: pa.Table, pairs: pa.Table) -> float:
    place = {spectrum: row for row, spectrum in enumerate(spectra["spectrum_id"].to_pylist())}
    query, reference = (np.array([place[i] for i in pairs[name].to_pylist()]) for name in ("query_id", "spectrum_id"))
    score = pa.array(np.einsum("ij,ij->i", vectors[query], vectors[reference]))
    scored = pairs.append_column("score", score)
    found = duckdb.sql(
        "SELECT avg(CAST(is_best AS INTEGER)) FROM ("
        "SELECT arg_max(is_right, (score, is_right)) AS is_best FROM scored GROUP BY query_id HAVING bool_or(is_right))"
    ).fetchone()
    assert found
    assert scored.num_rows
    return float(found[0])


if __name__ == "__main__":
    main()
