"""The table about the verb ``embed`` at the size of a large lab: real spectra many times over, killed once and taken up again.

``python tests/speed/pages/embed_verb.py --spectra 500000`` prints it. The spectra are MassBank's, repeated with the scatter of
a measurement until there are as many as asked for; where MassBank is not at hand, spectra are drawn at random.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from figures import record_table
from measure import measure
from page_table import Table
from pages.embed import _table
from scale import MASSBANK

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.embedders.transformer.embedder import TOKENS_AT_ONCE, length_buckets
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.embedding.embed import fill_embeddings
from spectradb.facade.lab import connect
from spectradb.models.registry import Embedders

N_SPECTRA = 500_000
N_TEMPLATE = 20_000
BLOCK = 50_000
SAMPLE = 6_000
MZ_SCATTER = 2e-6
COLUMNS = ("mz", "intensity", "precursor_mz", "ion_mode")


def make_lab(path: Path, n: int) -> None:
    """Make a lab of n spectra: an imported template, and copies of it in its record whose m/z scatter by 2 ppm.

    Parameters
    ----------
    path : pathlib.Path
        Where the lab comes to be.
    n : int
        Spectra.
    """
    rng = np.random.default_rng(0)
    with connect(path, create=True) as lab:
        _import_template(lab, path.with_name("template.parquet"), min(n, N_TEMPLATE))
        template = lab.record.read("spectra").combine_chunks()
        for start in range(template.num_rows, n, BLOCK):
            rows = rng.integers(0, template.num_rows, min(BLOCK, n - start))
            lab.record.append("spectra", _scattered(template.take(pa.array(rows)), start, rng))
        lab.publish()


def _import_template(lab: Any, sample: Path, n: int) -> None:
    if MASSBANK.exists():
        table = pq.read_table(MASSBANK)
        rows = np.random.default_rng(1).permutation(table.num_rows)[:n]
        pq.write_table(table.take(pa.array(np.sort(rows))), sample)
        lab.import_library("library", sample, select="massbank")
    else:
        pq.write_table(_table(n, 0), sample)
        lab.import_library("library", sample, select="SELECT * FROM '{file}'")


def _scattered(spectra: pa.Table, start: int, rng: np.random.Generator) -> pa.Table:
    """Give copies of spectra identifiers of their own and slightly other m/z."""
    spectra = spectra.combine_chunks()
    lists = spectra["mz"].chunk(0)
    mz = pc.list_flatten(lists).to_numpy() * (1 + rng.normal(0, MZ_SCATTER, len(pc.list_flatten(lists))))
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    changed = {
        "spectrum_id": pa.array(np.arange(start, start + len(spectra), dtype=np.int64)),
        "native_id": pa.array([f"copy {i}" for i in range(start, start + len(spectra))]),
        "mz": pa.ListArray.from_arrays(pa.array(offsets), pa.array(mz)),
    }
    for name, column in changed.items():
        spectra = spectra.set_column(spectra.schema.get_field_index(name), name, column)
    return spectra


def _batch(path: Path, n: int) -> PeakBatch:
    with connect(path) as lab:
        dataset = lab.record.dataset("spectra")
        rows = np.sort(np.random.default_rng(2).choice(dataset.count_rows(), n, replace=False))
        table = dataset.take(pa.array(rows), columns=list(COLUMNS)).combine_chunks()
    return PeakBatch.from_arrow(**{name: table[name] for name in COLUMNS})


def bare_rate(path: Path, model: str, n: int) -> float:
    """Spectra a second of the model alone, on a sample: for an encoder its network on ready tensors, with PyTorch's threads."""
    batch, embedder = _batch(path, n), Embedders().embedder(model)
    if isinstance(embedder, BinnedEmbedder):
        return n / _seconds(lambda: embedder.embed(batch))
    network = embedder._checkpoint.model
    peaks = pad_peaks(batch, n_peaks=network.config.n_peaks)
    lengths = peaks.lengths.numpy()
    groups = length_buckets(lengths, tokens=TOKENS_AT_ONCE["cpu"])
    parts = [peaks.take(torch.from_numpy(rows), length=int(lengths[rows[-1]])) for rows in groups]

    def forward() -> None:
        with torch.inference_mode():
            for part in parts:
                network(part)

    return n / _seconds(forward)


def embedder_rate(path: Path, model: str, n: int) -> float:
    """Spectra a second of the embedder, from peaks in memory to vectors."""
    batch, embedder = _batch(path, n), Embedders().embedder(model)
    return n / _seconds(lambda: embedder.embed(batch))


def _seconds(work: Any) -> float:
    found = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def fill(path: Path, model: str) -> tuple[int, float]:
    """Fill the column without publishing; return how many spectra were embedded, and the seconds."""
    with connect(path) as lab:
        begin = time.perf_counter()
        report = fill_embeddings(lab.record, lab.locks, model)
        return report.n_embedded, time.perf_counter() - begin


def publish(path: Path) -> float:
    """Publish the lab; return the seconds."""
    with connect(path) as lab:
        begin = time.perf_counter()
        lab.publish()
        return time.perf_counter() - begin


def killed_after(path: Path, model: str, seconds: float) -> int:
    """Kill a run after some seconds; return how many spectra are in its journal."""
    process = multiprocessing.get_context("spawn").Process(target=fill, args=(path, model))
    process.start()
    process.join(seconds)
    process.kill()
    process.join()
    return sum(file.stat().st_size // 16 for file in (path / "locks").glob(f"embed-{model}-*.keys"))


def embed_verb_table(folder: Path, scale: float) -> Table:
    """Embed a large lab by each model that ships: rates beside the model alone, memory, and the time after a kill."""
    n = int(N_SPECTRA * scale)
    table = Table(
        f"`embed` on a lab of {n:,} spectra (MassBank's, repeated), CPU",
        (
            "model",
            "model alone, spectra/s",
            "embedder, spectra/s",
            "column filled, spectra/s",
            "with publishing, spectra/s",
            "column / model",
            "verb / model",
            "peak GB, filling",
            "peak GB, publishing",
        ),
        notes=[
            f"The model alone: on {min(SAMPLE, n):,} of the spectra, ready in memory, with {torch.get_num_threads()} threads.",
        ],
    )
    path = folder / "lab"
    measure(make_lab, path, n)
    for model in ("spectradb_small", "binned"):
        bare, whole = (measure(work, path, model, min(SAMPLE, n)).result for work in (bare_rate, embedder_rate))
        shutil.copytree(path, folder / "copy")
        filled = measure(fill, path, model)
        published = measure(publish, path)
        seconds = filled.result[1]
        rates = (n / seconds, n / (seconds + published.result))
        shares = (rates[0] / bare, rates[1] / bare)
        table.rows.append((model, bare, whole, *rates, *shares, filled.peak_gb, published.peak_gb))
        kept = killed_after(folder / "copy", model, 0.6 * seconds)
        embedded, again = measure(fill, folder / "copy", model).result
        table.notes.append(
            f"{model} killed after {0.6 * seconds:.0f} s: {kept:,} of {embedded:,} vectors were kept, and a second run took "
            f"{again:.0f} s where a whole one takes {seconds:.0f}."
        )
        shutil.rmtree(folder / "copy")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spectra", type=int, default=N_SPECTRA, help="size of the lab")
    parser.add_argument("--folder", type=Path, help="where to put the lab; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        table = embed_verb_table(Path(folder), arguments.spectra / N_SPECTRA)
    print(table)
    if arguments.record:
        record_table("verb", table)


if __name__ == "__main__":
    main()
