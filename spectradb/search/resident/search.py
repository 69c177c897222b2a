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
from spectradb.search.resident.products import engine_fuses
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
    if not at_once and opened.times_asked(_key(spec.library, spec.model)) <= SEARCHES_BEFORE:
        return None
    resident = _resident(opened, spec.library, spec.model, embedders)
    if resident is None:
        return None
    with TURNS.taken():
        batch = plain_peaks(spectra)
        if batch is None:
            return None
        model = embedders.embedder(spec.model)
        check_fingerprint(model, resident.fingerprint)
        vectors = widened(half_precision_vectors(model, batch))
        return resident.library.search(vectors, batch.precursor_mz, batch.ion_mode > 0, ppm=spec.ppm, k=spec.k)


def is_resident(opened: OpenedLab, library: str, model: str) -> bool:
    """Tell whether a library is in memory already, or is known to be too large for it.

    Parameters
    ----------
    opened : OpenedLab
        The lab.
    library, model : str
        Whose vectors, by which model.

    Returns
    -------
    bool
        Whether :func:`search_resident` answers at once.
    """
    return opened.keeps(_key(library, model))


def make_resident(opened: OpenedLab, library: str, model: str, *, embedders: Embedders) -> None:
    """Read a library into memory, so that the first search need not.

    Parameters
    ----------
    opened : OpenedLab
        The lab.
    library, model : str
        Whose vectors, by which model.
    embedders : Embedders
        The lab's embedders.

    Raises
    ------
    NoCollection, NoEmbedding, NoModel, NoSpectra
        If it cannot be searched by that model.
    """
    _resident(opened, library, model, embedders)


def take_over(opened: OpenedLab, before: OpenedLab, library: str, model: str) -> None:
    """Keep a library in memory that an earlier state of the lab has there, since nothing of it has changed.

    Parameters
    ----------
    opened, before : OpenedLab
        The lab as it is now, and as it was.
    library, model : str
        Whose vectors, by which model.
    """
    key = _key(library, model)
    if before.keeps(key):
        resident = before.kept(key, lambda: None)
        opened.kept(key, lambda: resident)


def _key(library: str, model: str) -> tuple[str, str, str]:
    return ("resident library", library, model)


def _resident(opened: OpenedLab, library: str, model: str, embedders: Embedders) -> _Resident | None:
    found: _Resident | None = opened.kept(_key(library, model), lambda: _read(opened, library, model, embedders))
    return found


def _read(opened: OpenedLab, library: str, model: str, embedders: Embedders) -> _Resident | None:
    with opened.cursor(statement="") as con:
        check_embedded(con, model, library, embedders=embedders.names())
        check_annotated(con, library)
        dimension = embedders.dimension(model)
        relation = f"vectors.{schemas.identifier(library, 'library')}__{schemas.identifier(model, 'model')}"
        ((n_rows,),) = con.execute(schemas.read("queries/identify/index_row_count"), {"relation": relation}).fetchall()
        fused = engine_fuses()
        # An answer from memory is that from the file to the last digit.
        if fused is None or n_rows * dimension * np.dtype(np.float32).itemsize > MOST_BYTES:
            return None
        return _Resident(read_library(con, library, model, dimension, fused=fused), made_by(con, model))


def plain_peaks(spectra: Sequence[QuerySpectrum]) -> PeakBatch | None:
    """Clean the peaks of spectra as an import does.

    Parameters
    ----------
    spectra : sequence of QuerySpectrum
        The spectra.

    Returns
    -------
    PeakBatch or None
        Their peaks. None where one of them has none, or something else that an import looks at.
    """
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
