"""Searches of spectra at hand that a lab in use answers from memory, once it was asked some times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spectradb import schemas
from spectradb.arrays.half_precision import widened
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.ingest.spectra.peaks import PeakRecipe, are_clean, clean_peaks
from spectradb.search.checks import check_annotated, check_embedded
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.resident.library import read_library
from spectradb.search.resident.turns import TURNS
from spectradb.search.vectors.model_version import check_fingerprint, made_by
from spectradb.udfs.embedding import half_precision_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from spectradb.arrays.matchms_spectra import QuerySpectrum
    from spectradb.models.registry import Embedders
    from spectradb.search.resident.library import ResidentLibrary
    from spectradb.search.spec import SearchSpec
    from spectradb.workspace.connection import OpenedLab

#: Searches that are answered from the file before the library is read into memory, which takes as long as some of them.
SEARCHES_BEFORE = 3
#: Bytes of vectors that are kept in memory at most, of one library and model.
MOST_BYTES = 2**31
_RECIPE = PeakRecipe()


class _Resident(NamedTuple):
    """A library in memory, and the fingerprint of the model that made its vectors."""

    library: ResidentLibrary
    fingerprint: str


def search_resident(
    opened: OpenedLab, spectra: Sequence[QuerySpectrum], spec: SearchSpec, *, embedders: Embedders, at_once: bool = False
) -> pa.Table | None:
    """Search spectra at hand in memory.

    Parameters
    ----------
    opened : OpenedLab
        The lab.
    spectra : sequence of QuerySpectrum
        The spectra; their position is the query_id of the result.
    spec : SearchSpec
        What to search and how.
    embedders : Embedders
        The lab's embedders.
    at_once : bool
        Read the library into memory now, however seldom it was asked.

    Returns
    -------
    pyarrow.Table or None
        What :func:`spectradb.search.adhoc.search` returns. None where that is to answer: a library that is not in memory, or
        too large for it; another method; spectra that need more than to be cleaned of peaks.

    Raises
    ------
    ModelChanged
        If the lab's vectors were made by another version of the model.
    NoModel, BadModel, UntrustedModel, MissingDependency
        If the model cannot be loaded.
    """
    if spec.ppm is None or spec.method != EMBEDDING or spec.settings:
        return None
    key = ("resident library", spec.library, spec.model)
    if not at_once and opened.times_asked(key) <= SEARCHES_BEFORE:
        return None
    resident: _Resident | None = opened.kept(key, lambda: _read(opened, spec, embedders))
    if resident is None:
        return None
    with TURNS.taken():
        batch = _plain(spectra)
        if batch is None:
            return None
        model = embedders.embedder(spec.model)
        check_fingerprint(model, resident.fingerprint)
        vectors = widened(half_precision_vectors(model, batch))
        return resident.library.search(vectors, batch.precursor_mz, batch.ion_mode > 0, ppm=spec.ppm, k=spec.k)


def _read(opened: OpenedLab, spec: SearchSpec, embedders: Embedders) -> _Resident | None:
    con = opened.cursor(statement="")
    check_embedded(con, spec.model, spec.library, embedders=embedders.names())
    check_annotated(con, spec.library)
    dimension = embedders.dimension(spec.model)
    relation = f"vectors.{schemas.identifier(spec.library, 'library')}__{schemas.identifier(spec.model, 'model')}"
    ((n_rows,),) = con.execute(schemas.read("queries/identify/index_row_count"), {"relation": relation}).fetchall()
    if n_rows * dimension * np.dtype(np.float32).itemsize > MOST_BYTES:
        return None
    return _Resident(read_library(con, spec.library, spec.model, dimension), made_by(con, spec.model))


def _plain(spectra: Sequence[QuerySpectrum]) -> PeakBatch | None:
    """Clean the peaks of spectra as an import does; None where one of them has something else that an import looks at."""
    lengths = [len(spectrum.mz) for spectrum in spectra]
    for spectrum in spectra:
        fits = spectrum.mz.shape == spectrum.intensity.shape and spectrum.mz.ndim == 1
        if not (fits and 0 < spectrum.precursor_mz < np.inf and spectrum.ion_mode in {"positive", "negative"}):
            return None
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])
    mz = np.concatenate([spectrum.mz for spectrum in spectra])
    intensity = np.concatenate([spectrum.intensity for spectrum in spectra])
    if len(spectra) > 1 or not are_clean(mz, intensity, _RECIPE):
        offsets, mz, intensity = clean_peaks(offsets, mz, intensity, _RECIPE)
    if (offsets[1:] == offsets[:-1]).any():
        return None
    return PeakBatch(
        offsets=offsets,
        mz=mz,
        intensity=intensity.astype(np.float32),
        precursor_mz=np.array([spectrum.precursor_mz for spectrum in spectra], dtype=np.float64),
        ion_mode=np.array([1 if spectrum.ion_mode == "positive" else -1 for spectrum in spectra], dtype=np.int8),
    )
