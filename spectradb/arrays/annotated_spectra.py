"""Spectra of known analytes in one Arrow file, and how they are split between training and evaluation.

The file is all that training needs: it travels to a machine without databases.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Columns of the file and their types.
COLUMNS = {
    "spectrum_id": pa.int64(),
    "mz": pa.list_(pa.float64()),
    "intensity": pa.list_(pa.float32()),
    "precursor_mz": pa.float64(),
    "ion_mode": pa.string(),
    "adduct": pa.string(),
    "analyte_id": pa.string(),
    "contributor": pa.string(),
    "source_license": pa.string(),
    "instrument_type": pa.string(),
    "collision_energy_ev": pa.float64(),
    "collision_energy_nce": pa.float64(),
    "peaks_hash": pa.int64(),
    "smiles": pa.string(),
}
#: Columns that files of earlier versions lack; nothing is stated in them then.
LATER_COLUMNS = ("adduct", "smiles")
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitConfig:
    """What is left out, fixed before training.

    Parameters
    ----------
    test_contributors : tuple of str
        Laboratories for one final evaluation.
    dev_contributors : tuple of str
        Laboratories by which settings are chosen; empty: all but the test laboratories are trained on, and what is to be chosen
        is chosen by leaving out one laboratory after the other, see :meth:`without`.
    unseen_share : float
        Share of analytes, by hash of their identifier, that training never sees.
    licenses : tuple of str
        Licences of records to train on; empty: all.

    Raises
    ------
    BadParameter
        The share is not in [0, 1), or a laboratory is for both testing and choosing.
    """

    test_contributors: tuple[str, ...] = ()
    dev_contributors: tuple[str, ...] = ()
    unseen_share: float = 0.05
    licenses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the settings."""
        both = sorted(set(self.test_contributors) & set(self.dev_contributors))
        if both:
            raise BadParameter(f"{', '.join(both)} cannot be among test_contributors and dev_contributors. Remove one entry.")
        if not 0.0 <= self.unseen_share < 1.0:
            raise BadParameter(f"unseen_share is {self.unseen_share}. Give a share of at least 0 and below 1.")

    def without(self, *contributors: str) -> SplitConfig:
        """Leave out laboratories for choosing settings, in place of ``dev_contributors``.

        Parameters
        ----------
        *contributors : str
            Laboratories; one for each fold of leave-one-contributor-out, none for the training after it.

        Returns
        -------
        SplitConfig
            The same split otherwise.
        """
        return replace(self, dev_contributors=contributors)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TrainingData:
    """n spectra with their analytes and origins.

    Parameters
    ----------
    peaks : PeakBatch
        The spectra.
    analyte, contributor : numpy.ndarray of shape (n,), int64
        Positions in ``analytes`` and ``contributors``.
    analytes, contributors : list of str
        Names, sorted.
    smiles : list of str
        Structure of each of ``analytes``; an empty string where none is stated.
    license, instrument_type, adduct : numpy.ndarray of shape (n,), object
        As stated; an empty string where they are not.
    energy : numpy.ndarray of shape (n,), float64
        Collision energy in eV, or in percent where only a normalised one is stated; NaN where none is.
    energy_unit : numpy.ndarray of shape (n,), object
        ``eV`` or ``percent``; an empty string where no energy is stated.
    peaks_hash : numpy.ndarray of shape (n,), int64
        Equal for copies of one spectrum.
    digest : str
        SHA-256 of the file.
    """

    peaks: PeakBatch
    analyte: Rows
    contributor: Rows
    analytes: list[str]
    contributors: list[str]
    smiles: list[str]
    license: npt.NDArray[np.object_]
    instrument_type: npt.NDArray[np.object_]
    adduct: npt.NDArray[np.object_]
    energy: npt.NDArray[np.float64]
    energy_unit: npt.NDArray[np.object_]
    peaks_hash: Rows
    digest: str

    def __len__(self) -> int:
        """Return the number of spectra."""
        return len(self.analyte)

    def take(self, rows: Rows) -> TrainingData:
        """Pick spectra; names and codes stay as they are.

        Parameters
        ----------
        rows : numpy.ndarray of shape (m,), int64
            Which.

        Returns
        -------
        TrainingData
            m spectra.
        """
        peaks = self.peaks
        lengths = peaks.lengths[rows]
        offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        places = np.arange(offsets[-1]) + np.repeat(peaks.offsets[:-1][rows] - offsets[:-1], lengths)
        picked = PeakBatch(
            offsets=offsets,
            mz=peaks.mz[places],
            intensity=peaks.intensity[places],
            precursor_mz=peaks.precursor_mz[rows],
            ion_mode=peaks.ion_mode[rows],
        )
        columns = (
            *("analyte", "contributor", "license", "instrument_type", "adduct"),
            *("energy", "energy_unit", "peaks_hash"),
        )
        return replace(self, peaks=picked, **{name: getattr(self, name)[rows] for name in columns})

    def high_resolution(self) -> Bools:
        """Tell which spectra come from time-of-flight or Fourier-transform instruments.

        Returns
        -------
        numpy.ndarray of shape (n,), bool
            By instrument type.
        """
        return np.array(["TOF" in name or "FT" in name for name in self.instrument_type], dtype=np.bool_)

    def from_contributors(self, names: Sequence[str]) -> Bools:
        """Tell which spectra come from some laboratories.

        Parameters
        ----------
        names : sequence of str
            Contributors.

        Returns
        -------
        numpy.ndarray of shape (n,), bool
            Whether the contributor is among them.
        """
        return np.isin(np.array(self.contributors, dtype=object)[self.contributor], list(names))

    def training_rows(self, split: SplitConfig) -> Rows:
        """List the spectra that training may see.

        Parameters
        ----------
        split : SplitConfig
            What is left out.

        Returns
        -------
        numpy.ndarray of shape (m,), int64
            Spectra of a permitted licence, of known polarity, of no left-out contributor and of no left-out analyte.
        """
        return np.flatnonzero(~np.any(list(self.left_out(split).values()), axis=0))

    def left_out(self, split: SplitConfig) -> dict[str, Bools]:
        """Tell which spectra training may not see, and why.

        Parameters
        ----------
        split : SplitConfig
            What is left out.

        Returns
        -------
        dict of str to numpy.ndarray of shape (n,), bool
            ``test_contributors``, ``dev_contributors``, ``unseen_analytes``, ``license`` and ``unknown_ion_mode``; a spectrum
            may be left out for several reasons.
        """
        everything = np.ones(len(self), dtype=np.bool_)
        unseen = np.array([is_unseen(name, split.unseen_share) for name in self.analytes], dtype=np.bool_)
        return {
            "test_contributors": self.from_contributors(split.test_contributors),
            "dev_contributors": self.from_contributors(split.dev_contributors),
            "unseen_analytes": unseen[self.analyte],
            "license": ~np.isin(self.license, list(split.licenses)) if split.licenses else ~everything,
            "unknown_ion_mode": self.peaks.ion_mode == 0,
        }


def is_unseen(analyte_id: str, share: float) -> bool:
    """Tell whether an analyte is left out of all training.

    Parameters
    ----------
    analyte_id : str
        First 14 characters of the InChIKey; what follows them does not count, so that a molecule that is left out is left out
        with its labelled and charged forms.
    share : float
        Share of analytes to leave out.

    Returns
    -------
    bool
        By the first 8 bytes of the SHA-256 of the identifier, so that no list has to be kept.
    """
    leading = int.from_bytes(hashlib.sha256(two_dimensional_key(analyte_id).encode()).digest()[:8], "big")
    return leading < share * 2**64


def is_for_choosing(analyte_id: str) -> bool:
    """Tell whether an analyte, where it was left out of training, is for choosing settings; the others are for judging them.

    Parameters
    ----------
    analyte_id : str
        As for :func:`is_unseen`.

    Returns
    -------
    bool
        By the ninth byte of the SHA-256 of the identifier: one half of all, whatever the share that is left out.
    """
    return hashlib.sha256(two_dimensional_key(analyte_id).encode()).digest()[8] % 2 == 0


def load_training_data(file: Path) -> TrainingData:
    """Read an exported file.

    Parameters
    ----------
    file : pathlib.Path
        Arrow IPC file with the columns of :data:`COLUMNS`; those of :data:`LATER_COLUMNS` may be missing.

    Returns
    -------
    TrainingData
        Its spectra, in the order of the file.

    Raises
    ------
    BadParameter
        The file is no Arrow file, or lacks a column.
    """
    content = file.read_bytes()
    try:
        table = pa.ipc.open_file(pa.py_buffer(content)).read_all()
    except pa.ArrowInvalid as error:
        raise BadParameter(f"{file}: not an Arrow IPC file ({error}). Export it again from the lab.") from error
    for name in LATER_COLUMNS:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, COLUMNS[name]))
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise BadParameter(f"{file}: no columns {', '.join(missing)}. Export it again from the lab.")
    return training_data(table.select(list(COLUMNS)).cast(pa.schema(COLUMNS)), digest=hashlib.sha256(content).hexdigest())


def training_data(table: pa.Table, *, digest: str = "") -> TrainingData:
    """Take spectra from a table.

    Parameters
    ----------
    table : pyarrow.Table
        The columns of :data:`COLUMNS`.
    digest : str
        Of the file that it was read from; empty: of none.

    Returns
    -------
    TrainingData
        Its spectra, in its order.
    """
    analytes, analyte = _codes(table["analyte_id"])
    contributors, contributor = _codes(pc.fill_null(table["contributor"], ""))
    return TrainingData(
        peaks=PeakBatch.from_arrow(**{name: table[name] for name in ("mz", "intensity", "precursor_mz", "ion_mode")}),
        analyte=analyte,
        contributor=contributor,
        analytes=analytes,
        contributors=contributors,
        smiles=_structures(table["smiles"], analyte, n=len(analytes)),
        license=_texts(table["source_license"]),
        instrument_type=_texts(table["instrument_type"]),
        adduct=_texts(table["adduct"]),
        energy=pc.coalesce(table["collision_energy_ev"], table["collision_energy_nce"]).to_numpy().astype(np.float64),
        energy_unit=np.where(
            table["collision_energy_ev"].is_valid().to_numpy(),
            "eV",
            np.where(table["collision_energy_nce"].is_valid().to_numpy(), "percent", ""),
        ).astype(object),
        peaks_hash=table["peaks_hash"].to_numpy(),
        digest=digest,
    )


def _texts(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    texts: npt.NDArray[np.object_] = pc.fill_null(column, "").to_numpy().astype(object)
    return texts


def _structures(column: pa.ChunkedArray, analyte: Rows, *, n: int) -> list[str]:
    """Return the first stated structure of each analyte; the spectra of one analyte share it."""
    texts = _texts(column)
    found = [""] * n
    for row in np.flatnonzero(texts != "")[::-1]:
        found[analyte[row]] = texts[row]
    return found


def _codes(column: pa.ChunkedArray) -> tuple[list[str], Rows]:
    names, codes = np.unique(column.to_numpy().astype(str), return_inverse=True)
    return names.tolist(), codes.astype(np.int64)


def two_dimensional_key(analyte_id: str) -> str:
    """Return what analytes of one two-dimensional structure share, labelled and charged ones too.

    Parameters
    ----------
    analyte_id : str
        First block of the InChIKey, for some analytes followed by a hyphen and what tells them apart.

    Returns
    -------
    str
        The part before the hyphen.
    """
    return analyte_id.partition("-")[0]
