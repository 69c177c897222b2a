"""Reading and importing beside the readers of this field, on the same files, in one process bound to one core.

``python tests/speed/pages/readers.py`` needs pyteomics, matchms, pymzml, pyopenms and psims in its environment; what is missing
is left out and said. The MGF file is the cohort's files behind one another; the mzML file holds the same spectra as centroids,
zlib-compressed, in one indexed file written by psims. Each reader gives every spectrum's m/z, intensities and precursor.
``--record`` keeps the table in ``figures.json``.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from figures import PACKAGES, record
from test_import import COHORT

import spectradb
from spectradb.ingest.files.file_reading import FileJob, FileReading
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems
from spectradb.ingest.spectra.peaks import PeakRecipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

READ, HARMONISED, IMPORTED = "spectradb, read", "spectradb, read and harmonised", "spectradb, imported and published"


def write_mgf(path: Path) -> Path:
    """Write the cohort's MGF files into one."""
    with path.open("w") as out:
        for source in sorted(COHORT.glob("*.mgf")):
            out.write(source.read_text())
    return path


def write_mzml(path: Path, mgf: Path) -> Path:
    """Write the spectra of an MGF file as centroids into one mzML file."""
    from psims.mzml.writer import MzMLWriter  # noqa: PLC0415 - needed where there is no file yet only

    rows = [row for batch in formats.detect(mgf).read(mgf, Problems()) for row in batch.to_pylist()]
    with MzMLWriter(str(path), close=True) as out:
        out.controlled_vocabularies()
        out.file_description(["MSn spectrum", "centroid spectrum"])
        out.software_list([{"id": "made", "version": "1", "params": ["custom unreleased software tool"]}])
        out.instrument_configuration_list([out.InstrumentConfiguration(id="IC", component_list=[])])
        processing = [out.ProcessingMethod(order=0, software_reference="made", params=["Conversion to mzML"])]
        out.data_processing_list([out.DataProcessing(processing, id="DP")])
        with out.run(id="run", instrument_configuration="IC"), out.spectrum_list(count=len(rows)):
            for scan, row in enumerate(rows, 1):
                out.write_spectrum(
                    row["mz"],
                    row["intensity"],
                    id=f"scan={scan}",
                    polarity=1,
                    centroided=True,
                    scan_start_time=scan / 60,
                    params=[{"ms level": 2}, {"MSn spectrum": None}],
                    precursor_information={"mz": row["precursor_mz"], "activation": ["HCD"]},
                    encoding={"m/z array": np.float64, "intensity array": np.float32},
                    compression="zlib",
                )
    return path


def by_pyteomics(path: Path) -> int:
    from pyteomics import mgf, mzml  # noqa: PLC0415 - one reader a process

    read = mgf.read(str(path), use_index=False) if path.suffix == ".mgf" else mzml.read(str(path), use_index=False)
    return sum(1 for spectrum in read if len(spectrum["m/z array"]) == len(spectrum["intensity array"]))


def by_matchms(path: Path) -> int:
    from matchms.importing import load_from_mgf, load_from_mzml  # noqa: PLC0415 - one reader a process

    load = load_from_mgf if path.suffix == ".mgf" else load_from_mzml
    return sum(1 for spectrum in load(str(path)) if len(spectrum.peaks.mz) == len(spectrum.peaks.intensities))


def by_pymzml(path: Path) -> int:
    from pymzml.run import Reader  # noqa: PLC0415 - one reader a process

    return sum(1 for spectrum in Reader(str(path)) if len(spectrum.mz) == len(spectrum.i) and spectrum.selected_precursors)


def by_pyopenms(path: Path) -> int:
    import pyopenms  # noqa: PLC0415 - one reader a process

    spectra = pyopenms.MSExperiment()
    reader = pyopenms.MascotGenericFile() if path.suffix == ".mgf" else pyopenms.MzMLFile()
    reader.load(str(path), spectra)
    return sum(1 for spectrum in spectra if len(spectrum.get_peaks()[0]) and spectrum.getPrecursors()[0].getMZ() > 0)


def by_us(path: Path) -> int:
    return sum(batch.num_rows for batch in formats.detect(path).read(path, Problems()))


def by_us_harmonised(path: Path) -> int:
    job = FileJob(file=path, run="run", collection="speed", kind="study", recipe=PeakRecipe(), ion_mode="positive")
    reading = FileReading(job)
    for _ in reading.tables():
        pass
    return reading.tally.counts["read", ""]


def by_import(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder, spectradb.connect(Path(folder) / "lab", create=True) as lab:
        return lab.import_study("speed", path, ion_mode="positive", processes=1).n_read


READERS: dict[str, tuple[Callable[[Path], int], str | None, tuple[str, ...]]] = {
    "pyteomics": (by_pyteomics, "pyteomics", ("mgf", "mzML")),
    "matchms": (by_matchms, "matchms", ("mgf", "mzML")),
    "pymzml": (by_pymzml, "pymzml", ("mzML",)),
    "pyopenms": (by_pyopenms, "pyopenms", ("mgf", "mzML")),
    READ: (by_us, None, ("mgf", "mzML")),
    HARMONISED: (by_us_harmonised, None, ("mgf", "mzML")),
    IMPORTED: (by_import, None, ("mgf", "mzML")),
}


def measure(read: Callable[[Path], int], path: Path) -> tuple[int, float, float]:
    """Read a file in a fresh process on one core; spectra, wall and CPU seconds, without the start."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, read, path))
    process.start()
    sender.close()
    found: tuple[int, float, float] = receiver.recv()
    process.join()
    return found


def _run(sender: Connection, read: Callable[[Path], int], path: Path) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    small = path.with_name(f"small{path.suffix}")
    read(small)  # imports, and what is compiled at the first call
    begin, cpu = time.perf_counter(), time.process_time()
    n = read(path)
    sender.send((n, time.perf_counter() - begin, time.process_time() - cpu))


def rows(folder: Path, repeats: int) -> list[tuple[Any, ...]]:
    """Measure every reader on every file, in turn."""
    mgf = write_mgf(folder / "cohort.mgf")
    small = folder / "small.mgf"
    small.write_text(next(iter(sorted(COHORT.glob("*.mgf")))).read_text())
    files = {"mgf": mgf, "mzML": write_mzml(folder / "cohort.mzML", mgf)}
    write_mzml(folder / "small.mzML", small)
    table = []
    for kind, path in files.items():
        size = path.stat().st_size / 1e6
        here = [name for name, (_, package, kinds) in READERS.items() if kind in kinds and _is_there(package)]
        found: dict[str, list[tuple[int, float, float]]] = {name: [] for name in here}
        for _ in range(repeats):
            for name in here:
                found[name].append(measure(READERS[name][0], path))
                print(kind, name, found[name][-1], flush=True)
        cpu = {name: statistics.median(seconds for _, _, seconds in times) for name, times in found.items()}
        peers = min(seconds for name, seconds in cpu.items() if READERS[name][1])
        for name in here:
            n = found[name][0][0]
            table.append((f"{kind}, {size:.0f} MB", name, n, round(n / cpu[name], -2), round(peers / cpu[name], 2)))
    return table


def _is_there(package: str | None) -> bool:
    return package is None or importlib.util.find_spec(package) is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    if not COHORT.exists():
        sys.exit(f"{COHORT} is not there: the spectra are the cohort's")
    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder), arguments.repeats)
    for row in found:
        print(*row, sep=" | ")
    peers = [package for _, package, _ in READERS.values() if package]
    missing = [package for package in peers if not _is_there(package)]
    note = f"Medians of {arguments.repeats} runs in turn, by CPU time without the start; one core."
    note += f" Not at hand: {', '.join(missing)}." if missing else ""
    versions = ", ".join(f"{package} {version(package)}" for package in peers if _is_there(package))
    if arguments.record:
        record(
            "readers",
            topic="speed",
            title="Reading and importing beside other readers, on one core",
            columns=("file", "reader", "spectra", "spectra per CPU second", "times the fastest other reader"),
            rows=found,
            notes=[f"{note} {versions}."],
            command="python tests/speed/pages/readers.py --record",
            packages=PACKAGES,
        )


if __name__ == "__main__":
    main()
