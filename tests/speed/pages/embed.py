"""Tables about embedding: spectra a second beside the bare forward pass, and a large lab from import to search."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from measure import measure
from page_table import Table
from scale import precursor_masses

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.transformer.checkpoint import load_checkpoint, save_checkpoint
from spectradb.embedders.transformer.embedder import TOKENS_AT_ONCE, TransformerEmbedder, length_buckets
from spectradb.embedders.transformer.network import SpectrumEncoder
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.facade.lab import connect
from spectradb.training.config import training_config

if TYPE_CHECKING:
    from pathlib import Path

N_SPECTRA, N_LAB = 8000, 500_000
MODEL = "speed"
BATCH = 4096
# A few chains with groups: each another structure.
SMILES = [f"{'C' * n}{group}" for n in range(1, 31) for group in ("O", "N", "C(=O)O", "S", "Cl", "C=O", "C#N", "Br", "F", "OC")]


def _checkpoint(folder: Path) -> Path:
    """Write an encoder of the shipped configuration ``small`` with random weights."""
    torch.manual_seed(0)
    model = SpectrumEncoder(training_config("small").model)
    folder.mkdir(parents=True, exist_ok=True)
    card: dict[str, Any] = {"name": MODEL, "hash_share": 0.5, "model": training_config("small").as_dict()["model"]}
    save_checkpoint(folder / f"{MODEL}.safetensors", model, card)
    return folder / f"{MODEL}.safetensors"


def _table(n: int, seed: int, *, start: int = 0) -> pa.Table:
    """Draw spectra with as many peaks as real ones have: a few to a few hundred, half below 20."""
    rng = np.random.default_rng(seed)
    lengths = np.clip(rng.lognormal(3.0, 0.9, n), 1, 300).astype(np.int64)
    total = int(lengths.sum())
    owner = np.repeat(np.arange(n), lengths)
    mz = np.sort(rng.uniform(0, 350, total) + owner * 1000) - owner * 1000 + 50
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    columns = {
        "native_id": pa.array([f"s{i}" for i in range(start, start + n)]),
        "smiles": pa.array([SMILES[i] for i in rng.integers(0, len(SMILES), n)]),
        "precursor_mz": pa.array(precursor_masses(n, rng) + 1.00728),
        "ion_mode": pa.array(["positive"] * n),
        "mz": pa.ListArray.from_arrays(offsets, pa.array(mz)),
        "intensity": pa.ListArray.from_arrays(offsets, pa.array(rng.pareto(1.0, total) + 0.01)),
    }
    return pa.table(columns)


def _batch(n: int) -> PeakBatch:
    table = _table(n, 0)
    return PeakBatch.from_arrow(**{name: table[name] for name in ("mz", "intensity", "precursor_mz", "ion_mode")})


def bare_forward(folder: Path, n: int, threads: int) -> float:
    """Seconds in the network alone: everything is padded, bucketed and in memory."""
    torch.set_num_threads(threads)
    model = load_checkpoint(folder / f"{MODEL}.safetensors").model
    peaks = pad_peaks(_batch(n), n_peaks=model.config.n_peaks)
    lengths = peaks.lengths.numpy()
    groups = length_buckets(lengths, tokens=TOKENS_AT_ONCE["cpu"])
    parts = [peaks.take(torch.from_numpy(rows), length=int(lengths[rows[-1]])) for rows in groups]
    with torch.inference_mode():
        model(parts[0])
        begin = time.perf_counter()
        for part in parts:
            model(part)
    return time.perf_counter() - begin


def embedder(folder: Path, n: int, threads: int) -> float:
    """Seconds of the embedder, from peaks to vectors, in the batches of ``embed``."""
    torch.set_num_threads(threads)
    model = TransformerEmbedder.from_file(folder / f"{MODEL}.safetensors")
    table = _table(n, 0)
    columns = ("mz", "intensity", "precursor_mz", "ion_mode")
    model.embed(_batch(100))
    begin = time.perf_counter()
    for start in range(0, n, BATCH):
        part = table.slice(start, BATCH).combine_chunks()
        model.embed(PeakBatch.from_arrow(**{name: part[name] for name in columns}))
    return time.perf_counter() - begin


def pipeline(folder: Path, threads: int) -> float:
    """Seconds of ``embed`` on a lab: read, tokenise, embed, write, publish."""
    torch.set_num_threads(threads)
    with connect(folder / f"lab-{threads}") as lab:
        begin = time.perf_counter()
        lab.embed(MODEL, batch_size=BATCH)
        return time.perf_counter() - begin


def _make_lab(path: Path, file: Path) -> None:
    with connect(path, create=True) as lab:
        lab.import_library("library", file, select="SELECT * FROM '{file}'")


def throughput_table(folder: Path, scale: float) -> Table:
    """Compare the embedder and the whole verb with the network alone, by one and two threads."""
    n = int(N_SPECTRA * scale)
    _checkpoint(folder)
    pq.write_table(_table(n, 0), folder / "spectra.parquet")
    table = Table(
        f"Embedding {n:,} spectra by an encoder of the configuration small (random weights), CPU",
        (
            "threads",
            "network alone, spectra/s",
            "embedder, spectra/s",
            "verb embed, spectra/s",
            "embedder / network",
            "verb / network",
        ),
        notes=["The verb reads from the lab, embeds, writes, and publishes lab.duckdb."],
    )
    for threads in (1, 2):
        measure(_make_lab, folder / f"lab-{threads}", folder / "spectra.parquet")
        _checkpoint(folder / f"lab-{threads}" / "models")
        forward, ours = (measure(work, folder, n, threads).result for work in (bare_forward, embedder))
        verb = measure(pipeline, folder, threads).result
        table.rows.append((threads, n / forward, n / ours, n / verb, forward / ours, forward / verb))
    return table


def _write_spectra(file: Path, n: int) -> None:
    writer = None
    for start in range(0, n, 50_000):
        part = _table(min(50_000, n - start), start + 1, start=start)
        writer = writer or pq.ParquetWriter(file, part.schema)
        writer.write_table(part)
    if writer:
        writer.close()


def _embed(path: Path) -> None:
    with connect(path) as lab:
        lab.embed("binned")


def _identify(path: Path, engine: str) -> None:
    with connect(path) as lab:
        lab.identify("study", "library", engine=engine)


def _import_study(path: Path, file: Path) -> None:
    with connect(path) as lab:
        lab.import_study("study", file, select="SELECT * FROM '{file}'")


def _resumed_share(path: Path, seconds: float) -> float:
    """Kill ``embed`` after some of its time; return the share of its time that a second run takes."""
    process = multiprocessing.get_context("spawn").Process(target=_embed, args=(path,))
    process.start()
    process.join(0.7 * seconds)
    if process.is_alive() and process.pid:
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    return measure(_embed, path).seconds / seconds


def lab_table(folder: Path, scale: float) -> Table:
    """Make a large lab: import, embed (killed once and taken up again), identify."""
    n, n_queries = int(N_LAB * scale), int(N_LAB * scale / 10)
    file, queries, path = folder / "library.parquet", folder / "study.parquet", folder / "lab"
    _write_spectra(file, n)
    _write_spectra(queries, n_queries)
    table = Table(
        f"A lab of {n:,} library and {n_queries:,} study spectra (simulated), model binned",
        ("verb", "seconds", "spectra a second", "peak GB"),
    )

    def add(name: str, size: int, found: Any) -> None:
        table.rows.append((name, found.seconds, size / found.seconds, found.peak_gb))

    add("import-library", n, measure(_make_lab, path, file))
    add("import-study", n_queries, measure(_import_study, path, queries))
    shutil.copytree(path, folder / "copy")
    embedded = measure(_embed, path)
    add("embed", n + n_queries, embedded)
    share = _resumed_share(folder / "copy", embedded.seconds)
    table.notes.append(f"`embed` killed after 70 % of its time: taken up again, it needed {share:.0%} of a whole run.")
    shutil.rmtree(folder / "copy")
    add("identify --engine sql", n_queries, measure(_identify, path, "sql"))
    add("identify --engine native, index built", n_queries, measure(_identify, path, "native"))
    add("identify --engine native, index there", n_queries, measure(_identify, path, "native"))
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    table.notes.append(f"The lab takes {size / 1e9:.2f} GB on disk.")
    return table
