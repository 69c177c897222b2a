"""Spectra as matchms knows them, out of a query and into a search; the one module that speaks to matchms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spectradb.errors import BadParameter, BadSelect
from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import pyarrow as pa
    from matchms import Spectrum

matchms = late("matchms")

#: What columns of ``spectra`` are called in the metadata of matchms; others keep their names.
METADATA_NAMES = {"ion_mode": "ionmode", "retention_time_s": "retention_time", "name": "compound_name"}

_PEAKS = ("mz", "intensity")
_VECTORS = "embedding_"


class QuerySpectrum(NamedTuple):
    """What a search needs of a spectrum.

    Parameters
    ----------
    mz, intensity : numpy.ndarray of float64, shape (n_peaks,)
        Its peaks.
    precursor_mz : float
        m/z of its precursor.
    ion_mode : str
        ``"positive"`` or ``"negative"``.
    """

    mz: npt.NDArray[np.float64]
    intensity: npt.NDArray[np.float64]
    precursor_mz: float
    ion_mode: str


def matchms_spectra(rows: Iterable[pa.RecordBatch]) -> list[Spectrum]:
    """Make spectra of matchms from rows with peaks.

    Parameters
    ----------
    rows : iterable of pyarrow.RecordBatch
        Columns ``mz`` and ``intensity`` (lists), and any others, which become metadata where they are not NULL; vectors do not.

    Returns
    -------
    list of matchms.Spectrum
        One for each row, in its order; matchms sees to the metadata as it does when it reads a file.

    Raises
    ------
    BadSelect
        If there are no peaks.
    MissingDependency
        If matchms is not installed.
    """
    return [spectrum for batch in rows for spectrum in _spectra_of(batch)]


def _spectra_of(batch: pa.RecordBatch) -> Iterable[Spectrum]:
    missing = [name for name in _PEAKS if name not in batch.schema.names]
    if missing:
        raise BadSelect(f"the query yields no column {' and no column '.join(missing)}. Select mz and intensity with the rest")
    others = [name for name in batch.schema.names if name not in _PEAKS and not name.startswith(_VECTORS)]
    for metadata, mz, intensity in zip(batch.select(others).to_pylist(), *(batch[name] for name in _PEAKS), strict=True):
        yield matchms.Spectrum(
            mz=np.asarray(mz.as_py() or [], dtype=np.float64),
            intensities=np.asarray(intensity.as_py() or [], dtype=np.float64),
            metadata={METADATA_NAMES.get(name, name): value for name, value in metadata.items() if value is not None},
        )


def is_matchms(spectrum: object) -> bool:
    """Tell whether something is a spectrum of matchms, without importing that.

    Parameters
    ----------
    spectrum : object
        Anything.

    Returns
    -------
    bool
        Whether its class comes from matchms.
    """
    return any(kind.__module__.partition(".")[0] == "matchms" for kind in type(spectrum).__mro__)


def query_spectrum(spectrum: Spectrum, *, precursor_mz: float | None = None, ion_mode: str | None = None) -> QuerySpectrum:
    """Take what a search needs from a spectrum of matchms.

    Parameters
    ----------
    spectrum : matchms.Spectrum
        The spectrum.
    precursor_mz, ion_mode : float, str, optional
        What to take instead of what its metadata say.

    Returns
    -------
    QuerySpectrum
        Its peaks, precursor and ion mode.

    Raises
    ------
    BadParameter
        If precursor or ion mode are neither given nor in the metadata.
    """
    precursor: Any = spectrum.get("precursor_mz") if precursor_mz is None else precursor_mz
    mode: Any = spectrum.get("ionmode") if ion_mode is None else ion_mode
    if not precursor:
        raise BadParameter("the spectrum's metadata have no precursor_mz. Set it, or give precursor_mz")
    if str(mode).lower() not in {"positive", "negative"}:
        raise BadParameter(
            f"the spectrum's metadata say the ion mode {mode!r}. Set ionmode, or give ion_mode, positive or negative"
        )
    return QuerySpectrum(spectrum.peaks.mz, spectrum.peaks.intensities, float(precursor), str(mode).lower())
