"""The precursor m/z of a record: what it states, what structure and adduct give, and which of the two searches use.

Records state nominal masses, masses of another ion, or of a salt. In a library a stated value that disagrees with structure and
adduct hides the spectrum from every search of the right m/z, so that it is searched at the computed one. It stays at the stated
one where this fits the structure in another way, as another common adduct or with isotope labels that are not drawn: then the
peaks are those of the ion stated. A spectrum of a study is a question, and keeps what was measured.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from spectradb.errors import BadParameter
from spectradb.udfs.adducts import ion_mode_of, parse_adduct
from spectradb.udfs.ionised_forms import ion_mz

if TYPE_CHECKING:
    from spectradb.udfs.structures import Structure

#: Widest isolation window, in m/z, whose spectra have a precursor: instruments that select one ion isolate less.
MAX_ISOLATION_WIDTH = 5.0

# An adduct or an isotope label that was not stated needs better agreement than the one stated.
_EXACT_DA = 0.005
_EXACT_PPM = 10.0
_COMMON_ADDUCTS = {
    "positive": ("[M+H]+", "[M+Na]+", "[M+NH4]+", "[M+K]+", "[M-H2O+H]+", "[2M+H]+", "[2M+Na]+", "[M+2H]2+"),
    "negative": ("[M-H]-", "[M+HCOO]-", "[M+CH3COO]-", "[M+Cl]-", "[M-H2O-H]-", "[2M-H]-", "[M-2H]2-"),
}
_LABEL_MASSES = (1.0062767459, 1.0033548351)  # 2H for 1H, 13C for 12C, in Da
_LABELS = range(2, 61)  # a single one may as well be an isotope peak

_TOLERANCE = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(da|ppm)\s*\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class PrecursorTolerance:
    """How far a stated precursor m/z may be from the computed one: the larger of the two.

    The default keeps what was measured at high resolution or printed from theory, even when rounded to two decimals. Nominal
    masses, wrong adducts and wrong structures fall outside: records that a search within 10 ppm of the right m/z does not find.

    Parameters
    ----------
    da : float
        In Da.
    ppm : float
        In ppm of the computed m/z.

    Raises
    ------
    BadParameter
        If either is negative or not finite.
    """

    da: float = 0.01
    ppm: float = 20.0

    def __post_init__(self) -> None:
        """Check the values."""
        if not all(math.isfinite(value) and value >= 0 for value in (self.da, self.ppm)):
            raise BadParameter(f"the precursor tolerance of {self.da} Da and {self.ppm} ppm must be 0 or more, and finite")

    def covers(self, stated: float, computed: float) -> bool:
        """Tell whether a stated m/z agrees with a computed one.

        Parameters
        ----------
        stated, computed : float
            m/z.

        Returns
        -------
        bool
            True when they agree.
        """
        return abs(stated - computed) <= max(self.da, computed * self.ppm * 1e-6)


def precursor_tolerance(text: str) -> PrecursorTolerance:
    """Read a tolerance.

    Parameters
    ----------
    text : str
        Such as ``"0.01 Da"``, ``"10 ppm"`` or both, ``"0.01 Da, 20 ppm"``, of which the larger holds; ``"0 ppm"`` takes the
        computed m/z wherever there is one.

    Returns
    -------
    PrecursorTolerance
        The tolerance; the unit that is not named counts 0.

    Raises
    ------
    BadParameter
        If the text is anything else.
    """
    found = [_TOLERANCE.match(part) for part in text.split(",")]
    values = {match[2].lower(): float(match[1]) for match in found if match}
    if None in found or len(values) != len(found):
        raise BadParameter(f"the precursor tolerance {text!r} cannot be read. Write '0.01 Da', '20 ppm' or '0.01 Da, 20 ppm'.")
    return PrecursorTolerance(da=values.get("da", 0.0), ppm=values.get("ppm", 0.0))


def as_precursor_tolerance(tolerance: PrecursorTolerance | str | None) -> PrecursorTolerance:
    """Return a tolerance from what users give.

    Parameters
    ----------
    tolerance : PrecursorTolerance or str or None
        The tolerance, its text, or None for the default.

    Returns
    -------
    PrecursorTolerance
        The tolerance.

    Raises
    ------
    BadParameter
        If the text is no tolerance.
    """
    if tolerance is None:
        return PrecursorTolerance()
    return precursor_tolerance(tolerance) if isinstance(tolerance, str) else tolerance


class Precursor(NamedTuple):
    """What is decided about a precursor; columns of ``spectra``.

    Parameters
    ----------
    precursor_mz : float or None
        m/z that searches use; None when none is stated and none can be computed.
    precursor_mz_stated, precursor_mz_computed : float or None
        As the source states it; from structure and adduct.
    precursor_source : {"stated", "computed"}
        Which of them it is.
    precursor_check : {"agrees", "disagrees", "computed", "unchecked"}
        The stated one against structure and adduct.
    change : str or None
        What is to be reported, a key of :data:`spectradb.ingest.fields.drop_reasons.REASONS`.
    """

    precursor_mz: float | None
    precursor_mz_stated: float | None
    precursor_mz_computed: float | None
    precursor_source: Literal["stated", "computed"]
    precursor_check: str
    change: str | None


def decide_precursor(
    stated: float | None,
    structure: Structure | None,
    adduct: str | None,
    *,
    is_reference: bool,
    tolerance: PrecursorTolerance = PrecursorTolerance(),
) -> Precursor:
    """Decide about the precursor of one record.

    Parameters
    ----------
    stated : float or None
        m/z as stated; what is not positive and finite counts as not stated.
    structure : Structure or None
        What it is.
    adduct : str or None
        Canonical adduct.
    is_reference : bool
        True for a spectrum of a library, which is searched at the computed m/z where the stated one disagrees.
    tolerance : PrecursorTolerance
        What agrees.

    Returns
    -------
    Precursor
        The decision.
    """
    if stated is not None and not (math.isfinite(stated) and stated > 0):
        stated = None
    smiles = structure.smiles if structure else None
    if adduct is None or smiles is None:
        return Precursor(stated, stated, None, "computed" if stated is None else "stated", "unchecked", None)
    mass = structure.monoisotopic_mass if structure else None
    ion = ion_mz(smiles, adduct, mass=mass)
    if stated is None:
        return Precursor(ion.computed, None, ion.computed, "computed", "computed", "precursor_computed")
    # Of a salt of two organic ions the record tells which one was measured.
    computed = next((mz for mz in ion.of_parts if tolerance.covers(stated, mz)), ion.computed)
    if computed is None:
        return Precursor(stated, stated, None, "stated", "unchecked", "ion_unclear")
    if tolerance.covers(stated, computed):
        return Precursor(stated, stated, computed, "stated", "agrees", None)
    change = _explained(stated, computed, smiles, adduct, mass)
    if is_reference and change is None:
        return Precursor(computed, stated, computed, "computed", "disagrees", "precursor_disagrees")
    return Precursor(stated, stated, computed, "stated", "disagrees", change or "precursor_disagrees")


def _explained(stated: float, computed: float, smiles: str, adduct: str, mass: float | None) -> str | None:
    """Return as what else a stated m/z fits the structure; None: as nothing common."""
    if _fits_other_adduct(stated, smiles, adduct, mass):
        return "precursor_fits_other_adduct"
    return "precursor_fits_labels" if _fits_labels(stated, computed, adduct) else None


def _fits_other_adduct(stated: float, smiles: str, adduct: str, mass: float | None) -> bool:
    others = (ion_mz(smiles, other, mass=mass).computed for other in _COMMON_ADDUCTS[ion_mode_of(adduct)] if other != adduct)
    return any(mz is not None and _is_exact(stated, mz) for mz in others)


def _fits_labels(stated: float, computed: float, adduct: str) -> bool:
    ion = parse_adduct(adduct)
    step = ion.n_molecules / abs(ion.charge)
    return any(_is_exact(stated, computed + n * label * step) for label in _LABEL_MASSES for n in _LABELS)


def _is_exact(stated: float, computed: float) -> bool:
    return abs(stated - computed) <= max(_EXACT_DA, computed * _EXACT_PPM * 1e-6)
