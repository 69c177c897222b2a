"""Names: what runs are called, and spectra whose file gives them no identifier."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Names that tell records apart no better than their place does, among them placeholders for none.
_NO_NAME = r"(?i)^\s*(unknown|unidentified|unannotated|n/?a|none|null|nan|-|\?)?\s*$"
_SUFFIXES = (".gz", ".mzml", ".mzxml", ".mgf", ".msp", ".raw", ".d", ".wiff")


def run_name(file_name: str) -> str:
    """Return the name of a run: its file name without the suffixes of data files.

    Parameters
    ----------
    file_name : str
        Name of a file, with or without directories.

    Returns
    -------
    str
        The name.
    """
    name = file_name.replace("\\", "/").rpartition("/")[2]
    stripped = True
    while stripped:
        stripped = False
        for suffix in _SUFFIXES:
            if name.lower().endswith(suffix) and len(name) > len(suffix):
                name = name[: -len(suffix)]
                stripped = True
    return name


def run_names(files: Sequence[Path]) -> list[str]:
    """Name the runs of files: by file name, led by as many directories as tell files of one name apart.

    Parameters
    ----------
    files : sequence of pathlib.Path
        Data files.

    Returns
    -------
    list of str
        One name per file. Files of one directory that differ in their suffixes only keep these.
    """
    absolute = [file.absolute() for file in files]
    distinct = dict.fromkeys(absolute)
    bare = Counter(file.with_name(run_name(file.name)) for file in distinct)
    last = {f: f.name if bare[f.with_name(run_name(f.name))] > 1 else run_name(f.name) for f in distinct}
    names = dict(last)
    depth = 0
    while shared := {name for name, n in Counter(names.values()).items() if n > 1}:
        depth += 1
        for file, name in names.items():
            if name in shared:
                names[file] = "/".join((*file.parts[-1 - depth : -1], last[file]))
    return [names[file] for file in absolute]


def named(batch: pa.RecordBatch, file: Path, kind: Literal["library", "study"]) -> pa.RecordBatch:
    """Name what a reader could not name for good.

    Runs of a study lose the suffixes of data files, as in the sample table. Spectra that have no identifier are called by the
    name that their file gives them; without one by their place, in a library with the file, because a place alone may recur in
    every file of the library; in a study the run tells them apart.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Spectra with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`.
    file : pathlib.Path
        Where they come from.
    kind : {"library", "study"}
        What they become part of.

    Returns
    -------
    pyarrow.RecordBatch
        The same spectra.
    """
    native_id, place, name = (batch.column(column) for column in ("native_id", "place", "name"))
    nameless = pc.fill_null(pc.equal(native_id, place), fill_value=True)
    tells = pc.fill_null(pc.invert(pc.match_substring_regex(name, _NO_NAME)), fill_value=False)
    by_place = native_id if kind == "study" else pc.binary_join_element_wise(pa.scalar(run_name(file.name)), place, " ")
    batch = _replace(batch, "native_id", pc.if_else(nameless, pc.if_else(tells, name, by_place), native_id))
    if kind == "library":
        return batch
    runs = batch.column("run").dictionary_encode()
    names = pa.array([run_name(run) for run in runs.dictionary.to_pylist()], pa.string())
    return _replace(batch, "run", names.take(runs.indices))


def _replace(batch: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    index = batch.schema.get_field_index(name)
    return batch.set_column(index, batch.schema.field(index), column)
