"""Which of the ions that a run states for a spectrum is its precursor, and what is to be said of it.

A spectrum of level n was made from ions isolated from a spectrum of level n - 1. Files may list the earlier isolations beside
it, in any order, several isolations at once, or several ions of one window; and the ion that the instrument's software picked
may lie outside the window from which fragments came. What cannot be told is said to be so: a wrong m/z is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# Targets and windows are often written with two decimals.
_ROUNDING = 0.01
# Isolations that differ less are one, written twice.
_SAME = 0.001

SEVERAL_PRECURSORS = "several_precursors"
LEVEL_UNKNOWN = "precursor_level_unknown"
SEVERAL_IONS = "several_selected_ions"
OUTSIDE_WINDOW = "precursor_outside_window"

#: Flags that leave a spectrum without a precursor.
DROPPING_DOUBTS = (SEVERAL_PRECURSORS, LEVEL_UNKNOWN)


class SelectedIon(NamedTuple):
    """An ion as selected.

    Parameters
    ----------
    mz : float or None
        m/z; None or not positive where the instrument did not report one.
    charge : int or None
        As stated.
    intensity : float or None
        In the spectrum that it was selected from.
    """

    mz: float | None
    charge: int | None = None
    intensity: float | None = None


@dataclass(frozen=True, kw_only=True)
class Isolation:
    """One isolation that a spectrum states.

    Parameters
    ----------
    ions : sequence of SelectedIon
        The ions selected.
    target : float or None
        m/z on which the window stands.
    lower, upper : float or None
        Bounds of the window, m/z; None where unknown.
    from_level : int or None
        Level of the spectrum that it was isolated from, where a reference tells it.
    stage : int or None
        Level that the isolation itself states; files differ in whether they mean the one before or after it.
    energy : str or None
        Collision energy of the dissociation that followed.
    """

    ions: Sequence[SelectedIon] = field(default_factory=tuple)
    target: float | None = None
    lower: float | None = None
    upper: float | None = None
    from_level: int | None = None
    stage: int | None = None
    energy: str | None = None

    def mz(self) -> float | None:
        """Return the m/z that stands for it: of its first ion, else the target."""
        return next((ion.mz for ion in self.ions if ion.mz and ion.mz > 0), None) or self.target


class Precursor(NamedTuple):
    """What a spectrum was made from; columns of :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`.

    Parameters
    ----------
    precursor_mz : float or None
        m/z.
    charge : int or None
        As stated.
    isolation_window_lower, isolation_window_upper : float or None
        Bounds of the window.
    collision_energy : str or None
        Energy of its own dissociation.
    flags : list of str or None
        What is to be said of it, keys of :data:`spectradb.ingest.fields.drop_reasons.REASONS`.
    precursor_intensity : float or None
        Of the ion, in the spectrum that it was selected from.
    """

    precursor_mz: float | None = None
    charge: int | None = None
    isolation_window_lower: float | None = None
    isolation_window_upper: float | None = None
    collision_energy: str | None = None
    flags: list[str] | None = None
    precursor_intensity: float | None = None


def window(target: float | None, lower_offset: float | None, upper_offset: float | None) -> tuple[float | None, float | None]:
    """Return the bounds of an isolation window.

    Parameters
    ----------
    target : float or None
        m/z on which it stands.
    lower_offset, upper_offset : float or None
        How far it reaches below and above; both 0 where a converter did not know.

    Returns
    -------
    (float or None, float or None)
        m/z bounds, None where unknown.
    """
    if not target or target <= 0 or lower_offset is None or upper_offset is None or not (lower_offset or upper_offset):
        return None, None
    return target - abs(lower_offset), target + abs(upper_offset)


def choose_precursor(isolations: Sequence[Isolation], ms_level: int | None) -> Precursor:
    """Choose the precursor of a spectrum.

    Parameters
    ----------
    isolations : sequence of Isolation
        All that the spectrum states.
    ms_level : int or None
        Its level; None counts as 2.

    Returns
    -------
    Precursor
        The precursor, without values where there is none; of spectra made from several isolations, or from one of unknown
        level, with nothing but the flag.
    """
    if not isolations:
        return Precursor()
    own = _of_level(isolations, ms_level or 2)
    if not own:
        return Precursor(flags=[LEVEL_UNKNOWN])
    first = own[0]
    if any(abs((isolation.mz() or 0.0) - (first.mz() or 0.0)) > _SAME for isolation in own[1:]):
        return Precursor(flags=[SEVERAL_PRECURSORS if _is_one_level(own, ms_level or 2) else LEVEL_UNKNOWN])
    ion, doubt = _ion(first)
    return Precursor(ion.mz, ion.charge, first.lower, first.upper, first.energy, [doubt] if doubt else None, ion.intensity)


def _of_level(isolations: Sequence[Isolation], ms_level: int) -> list[Isolation]:
    """Return the isolations that led to a spectrum itself; all, where nothing tells them from earlier ones."""
    if ms_level <= 2:
        # There is no earlier one; a reference to another MS2 spectrum, as after a repeated scan, is no contradiction.
        return list(isolations)
    right = [isolation for isolation in isolations if isolation.from_level == ms_level - 1]
    open_ones = [isolation for isolation in isolations if isolation.from_level is None]
    if right:
        return right
    if len(open_ones) < len(isolations):  # the others are earlier ones
        return open_ones if len(open_ones) == 1 else []
    stages = [isolation.stage for isolation in isolations if isolation.stage is not None]
    if len(stages) == len(isolations):
        return [isolation for isolation in isolations if isolation.stage == max(stages)]
    return list(isolations)


def _is_one_level(own: Sequence[Isolation], ms_level: int) -> bool:
    return ms_level <= 2 or all(isolation.from_level is not None or isolation.stage is not None for isolation in own)


def _ion(isolation: Isolation) -> tuple[SelectedIon, str | None]:
    """Return the ion of an isolation that fragments came from, and the doubt about it."""
    stated = [ion for ion in isolation.ions if ion.mz and ion.mz > 0]
    inside = [ion for ion in stated if _is_inside(ion.mz or 0.0, isolation)]
    target = SelectedIon(isolation.target if isolation.target and isolation.target > 0 else None)
    if not stated:
        # Some converters write a selected ion of m/z 0 where the instrument did not report one, and its charge.
        charges = {ion.charge for ion in isolation.ions}
        return target._replace(charge=charges.pop() if len(charges) == 1 else None), None
    if not inside:
        return target, OUTSIDE_WINDOW
    if len(inside) == 1 or all(abs((ion.mz or 0.0) - (inside[0].mz or 0.0)) <= _SAME for ion in inside):
        charges = {ion.charge for ion in inside}
        return inside[0]._replace(charge=charges.pop() if len(charges) == 1 else None), None
    if all(ion.intensity is not None for ion in inside):
        return max(inside, key=lambda ion: ion.intensity or 0.0), SEVERAL_IONS
    if target.mz is not None:
        centre = target.mz
        return min(inside, key=lambda ion: abs((ion.mz or 0.0) - centre)), SEVERAL_IONS
    return inside[0], SEVERAL_IONS


def _is_inside(mz: float, isolation: Isolation) -> bool:
    return (isolation.lower is None or mz >= isolation.lower - _ROUNDING) and (
        isolation.upper is None or mz <= isolation.upper + _ROUNDING
    )
