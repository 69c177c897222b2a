"""Importing beside matchms reading the same files, and the memory of importing a whole library.

matchms only reads and harmonises; the import also computes structures, writes, logs and publishes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from matchms.importing import load_from_mgf, load_from_msp
from measure import measure
from pyteomics import mgf

import spectradb
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

SHARED = Path(__file__).parents[3] / "shared" / "data"
COHORT = SHARED / "cohort" / "mgf"


def by_matchms(path: Path) -> int:
    load = load_from_mgf if path.suffix == ".mgf" else load_from_msp
    return sum(1 for _ in load(str(path)))


def by_reader(path: Path) -> int:
    return sum(batch.num_rows for batch in formats.detect(path).read(path, Problems()))


def by_import(path: Path, lab: Path) -> int:
    return spectradb.connect(lab, create=True).import_study("speed", path, ion_mode="positive").n_read


def by_pyteomics(paths: list[Path]) -> int:
    return sum(1 for path in paths for _ in mgf.read(str(path), use_index=False, convert_arrays=1))


def by_matchms_each(paths: list[Path]) -> int:
    return sum(by_matchms(path) for path in paths)


def by_processes(paths: list[Path], lab: Path, processes: int) -> int:
    return spectradb.connect(lab, create=True).import_study("speed", paths, ion_mode="positive", processes=processes).n_read


def import_massbank(path: Path, lab: Path) -> int:
    return spectradb.connect(lab, create=True).import_library("massbank", path, select="massbank").n_read


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[Path]:
    sources = sorted(COHORT.glob("*.mgf"))
    if not sources:
        pytest.skip("the cohort's MGF files are not at hand")
    return write_cohort(sources, tmp_path_factory.mktemp("import"))


def write_cohort(sources: list[Path], directory: Path) -> list[Path]:
    """Write the spectra of several MGF files into one MGF and one MSP file."""
    mgf, msp = directory / "cohort.mgf", directory / "cohort.msp"
    with mgf.open("w") as out:
        for source in sources:
            out.write(source.read_text())
    with msp.open("w") as out:
        for batch in formats.detect(mgf).read(mgf, Problems()):
            for row in batch.select(["native_id", "precursor_mz", "mz", "intensity"]).to_pylist():
                out.write(f"NAME: {row['native_id']}\nPRECURSORMZ: {row['precursor_mz']}\nIONMODE: positive\n")
                out.write(f"NUM PEAKS: {len(row['mz'])}\n")
                out.writelines(f"{mz}\t{intensity}\n" for mz, intensity in zip(row["mz"], row["intensity"], strict=True))
                out.write("\n")
    return [mgf, msp]


def test_import_beside_matchms(files, tmp_path, capsys):
    for path in files:
        peer = measure(by_matchms, path)
        reader = measure(by_reader, path)
        full = measure(by_import, path, tmp_path / path.suffix[1:])
        assert reader.result == peer.result == full.result
        with capsys.disabled():
            print(f"\n{path.name}, {peer.result:,} spectra")
            print(f"  matchms reads {peer.result / peer.seconds:9,.0f} spectra/s  {peer.peak_gb:5.2f} GB")
            for name, one in (("spectradb reads", reader), ("spectradb import", full)):
                ratio = peer.seconds / one.seconds
                print(
                    f"  {name:16} {one.result / one.seconds:9,.0f} spectra/s  {one.peak_gb:5.2f} GB  {ratio:4.1f} times as fast"
                )


def test_the_cohort_by_several_processes(tmp_path, capsys):
    paths = sorted(COHORT.glob("*.mgf"))
    if not paths:
        pytest.skip("the cohort's MGF files are not at hand")
    peers = {"pyteomics reads": measure(by_pyteomics, paths), "matchms reads": measure(by_matchms_each, paths)}
    ours = {
        f"spectradb imports, {n} processes": measure(by_processes, paths, tmp_path / str(n), n)
        for n in (1, *(n for n in (2, 4, 8, 16) if n <= len(os.sched_getaffinity(0))))
    }
    with capsys.disabled():
        print(f"\n{len(paths)} MGF files")
        for name, one in (peers | ours).items():
            print(f"  {name:32} {one.result / one.seconds:9,.0f} spectra/s  {one.seconds:6.1f} s  {one.peak_gb:5.2f} GB")
    assert len({one.result for one in (peers | ours).values()}) == 1


def test_memory_of_a_whole_library(tmp_path, capsys):
    path = SHARED / "massbank" / "massbank_2025.05.1.parquet"
    if not path.exists():
        pytest.skip("MassBank is not at hand")
    done = measure(import_massbank, path, tmp_path / "lab")
    assert done.result == 90_236
    with capsys.disabled():
        print(f"\nMassBank, {done.result:,} spectra imported and published: {done.seconds:.1f} s, {done.peak_gb:.2f} GB peak")
