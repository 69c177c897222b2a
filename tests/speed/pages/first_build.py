"""A lab from files to answers, each step as one command of its own: import, embed, identify, at any size.

``python tests/speed/pages/first_build.py --library 500000 --queries 50000`` writes two Parquet files of real spectra many times
over (MassBank's records in turn, m/z scattered by 2 ppm as another measurement would have them, ids of their own), then runs
the commands of the program named by ``--spectradb`` on them; ``--beside`` names another version of the program, which is
measured before on the same files. ``--floor`` measures what no build can do without: the file read by pyarrow, the spectra
embedded in memory, the bytes of the lab written. ``--record`` keeps the table in ``figures.json``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from figures import record
from lab_growth import Cost, run
from scale import MASSBANK

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.binned import BinnedEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 50_000
MZ_SCATTER = 2e-6
MODEL = "binned"
Row = tuple[object, ...]


def write_spectra(path: Path, n: int, seed: int) -> Path:
    """Write n of MassBank's records, as often as needed, each with m/z and an id of its own."""
    rng = np.random.default_rng(seed)
    source = pq.read_table(MASSBANK)
    source = source.filter(pc.greater(pc.list_value_length(source["mz"]), 0)).combine_chunks()
    writer = None
    for start in range(0, n, BLOCK):
        rows = rng.integers(0, source.num_rows, min(BLOCK, n - start))
        part = _scattered(source.take(pa.array(np.sort(rows))).combine_chunks(), start, rng)
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer:
        writer.close()
    return path


def _scattered(records: pa.Table, start: int, rng: np.random.Generator) -> pa.Table:
    lists = records["mz"].chunk(0)
    values = pc.list_flatten(lists).to_numpy(zero_copy_only=False)
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    mz = pa.array(values * (1 + rng.normal(0, MZ_SCATTER, len(values))))
    changed = {
        "accession": pa.array([f"copy {i}" for i in range(start, start + len(records))]),
        "mz": pa.ListArray.from_arrays(pa.array(offsets), mz),
    }
    for name, column in changed.items():
        records = records.set_column(records.schema.get_field_index(name), name, column)
    return records


def build(label: str, program: str, files: tuple[Path, Path], folder: Path) -> Iterator[Row]:
    """Build a lab and search it; rows of program, command, wall and CPU seconds, peak memory."""
    lab = str(folder / "lab")
    library, study = map(str, files)
    commands = (
        ("import-library", lab, "library", library, "--select", "massbank"),
        ("import-study", lab, "study", study, "--select", "massbank"),
        ("embed", lab, "--model", MODEL),
        ("identify", lab, "--study", "study", "--library", "library", "--engine", "native"),
    )
    run(program, "native", "build")
    run(program, "init", lab)
    costs: list[Cost] = []
    for command in commands:
        costs.append(run(program, *command, "--quiet"))
        yield _row(label, command[0], costs[-1])
    yield _row(
        label, "together", Cost(sum(c.wall_s for c in costs), sum(c.cpu_s for c in costs), max(c.peak_gb for c in costs))
    )
    size = sum(file.stat().st_size for file in Path(lab).rglob("*") if file.is_file()) / 1e9
    yield label, f"size of the lab: {size:.2f} GB", None, None, None


def _row(label: str, what: str, cost: Cost) -> Row:
    return label, what, round(cost.wall_s, 1), round(cost.cpu_s, 1), round(cost.peak_gb, 2)


def floor(files: tuple[Path, Path], folder: Path) -> Iterator[Row]:
    """Measure what any build has to do: read the files, embed the spectra, write as many bytes as the lab has."""
    begin, cpu = time.perf_counter(), time.process_time()
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches():
            del batch
    yield "floor", "files read by pyarrow", *_since(begin, cpu), None
    seconds = cpu_seconds = 0.0
    embedder = BinnedEmbedder()
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(4096, columns=["mz", "intensity", "precursor_mz", "ion_mode"]):
            spectra = pa.table(batch).filter(pc.is_valid(batch["precursor_mz"]))
            modes = pc.utf8_lower(spectra["ion_mode"])
            peaks = PeakBatch.from_arrow(
                mz=spectra["mz"], intensity=spectra["intensity"], precursor_mz=spectra["precursor_mz"], ion_mode=modes
            )
            begin, cpu = time.perf_counter(), time.process_time()
            embedder.embed(peaks)
            seconds += time.perf_counter() - begin
            cpu_seconds += time.process_time() - cpu
    yield "floor", "spectra embedded, in memory", round(seconds, 1), round(cpu_seconds, 1), None
    size = sum(file.stat().st_size for file in (folder / "lab").rglob("*") if file.is_file())
    begin, cpu = time.perf_counter(), time.process_time()
    block = np.random.default_rng(0).bytes(1 << 24)
    with (folder / "bytes").open("wb", buffering=0) as out:
        for _ in range(size // len(block) + 1):
            out.write(block)
    yield "floor", "bytes of the lab written", *_since(begin, cpu), None


def _since(begin: float, cpu: float) -> tuple[float, float]:
    return round(time.perf_counter() - begin, 1), round(time.process_time() - cpu, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=int, default=500_000, help="spectra of the library")
    parser.add_argument("--queries", type=int, default=50_000, help="spectra of the study")
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program to measure")
    parser.add_argument("--beside", metavar="PROGRAM", help="another version, measured first")
    parser.add_argument("--floor", action="store_true", help="measure the floors, too")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--figure", default="first build", help="name of the entry")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    if not MASSBANK.exists():
        sys.exit(f"{MASSBANK} is not there: the spectra are MassBank's")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        files = (
            write_spectra(folder / "library.parquet", arguments.library, 1),
            write_spectra(folder / "study.parquet", arguments.queries, 2),
        )
        programs = [("before", arguments.beside)] if arguments.beside else []
        for label, program in [*programs, ("now", arguments.spectradb)]:
            place = folder / label
            place.mkdir()
            for row in build(label, program, files, place):
                rows.append(row)
                print(*row, sep=" | ", flush=True)
            if label == "now" and arguments.floor:
                for row in floor(files, place):
                    rows.append(row)
                    print(*row, sep=" | ", flush=True)
            shutil.rmtree(place)
    if arguments.record:
        options = f"--library {arguments.library} --queries {arguments.queries}"
        options += " --beside OLD_PROGRAM" * bool(arguments.beside) + " --floor" * arguments.floor
        record(
            arguments.figure,
            topic="speed",
            title=f"From files to answers: a library of {arguments.library:,} spectra and a study of {arguments.queries:,}",
            columns=("program", "command", "wall, s", "CPU, s", "peak GB"),
            rows=rows,
            notes=[
                (
                    "Parquet files of MassBank's records many times over; embedded by `binned`; 10 ppm, judged, recorded and "
                    "published. One run; each command a process of its own, with its start. Peak memory counts mapped pages."
                )
            ],
            command=f"python tests/speed/pages/first_build.py {options} --record",
        )


if __name__ == "__main__":
    main()
