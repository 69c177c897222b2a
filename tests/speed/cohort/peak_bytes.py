"""What peaks as rows cost: the bytes of their tables, as shares of a published file.

``python tests/speed/cohort/peak_bytes.py LAB`` prints them; ``--record`` keeps the table in ``figures.json``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

TABLES = ("peak_index", "loss_index", "peak_spectra", "spectra")
BYTES = "SELECT count(DISTINCT block_id) FROM pragma_storage_info('{}') WHERE persistent"
VECTORS = """
SELECT count(DISTINCT block_id) FROM pragma_storage_info('spectra') WHERE persistent AND starts_with(column_name, 'embedding_')
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    with duckdb.connect(arguments.lab / "lab.duckdb", read_only=True) as con:
        block, used = con.execute("SELECT block_size, used_blocks FROM pragma_database_size()").fetchone()
        (n_spectra,) = con.execute("SELECT count(*) FROM spectra").fetchone()
        blocks = {name: con.execute(BYTES.format(name)).fetchone()[0] for name in TABLES}
        counts = {name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}
        (vectors,) = con.execute(VECTORS).fetchone()
    peaks = sum(blocks[name] for name in TABLES[:3])
    parts = [(name, counts[name], blocks[name]) for name in TABLES]
    parts += [
        ("of spectra, the vectors", None, vectors),
        ("the three of peaks, together", None, peaks),
        ("the file", None, used),
    ]
    parts.append(("the three of a file without vectors", None, peaks))
    rows = []
    for name, n, size in parts:
        whole = used - vectors if "without" in name else used
        rows.append((name, n, round(size * block / 1e6, 1), round(100 * size / whole, 1)))
        print(*rows[-1], sep=" | ")
    if arguments.record:
        record(
            "peak-bytes",
            topic="massql",
            title=f"Bytes of peaks as rows, in a published file of {n_spectra:,} spectra",
            columns=("table", "rows", "MB", "percent of the file"),
            rows=rows,
            command="python tests/speed/cohort/peak_bytes.py LAB --record",
        )


if __name__ == "__main__":
    main()
