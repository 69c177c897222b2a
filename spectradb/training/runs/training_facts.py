"""What can be counted of the spectra that an encoder was trained on, and the limits that follow from it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import TrainingData

# Kinds that are named in the text; all are in the counts.
_SHOWN = 8


def training_facts(seen: TrainingData) -> dict[str, Any]:
    """Count what training sees.

    Parameters
    ----------
    seen : TrainingData
        n spectra, those that are trained on.

    Returns
    -------
    dict
        Values that JSON can hold: spectra by ``ion_modes``, ``instrument_types`` and ``adducts`` (the empty string: not
        stated); ``precursor_mz`` (m/z: lowest, 5 %, median, 95 %, highest); ``peaks`` (their number: the same);
        ``collision_energies`` by unit (``eV``, ``percent``: spectra, lowest, median, highest) with the number of spectra that
        state none.
    """
    energies: dict[str, Any] = {"not_stated": int(np.isnan(seen.energy).sum())}
    for unit in ("eV", "percent"):
        chosen = seen.energy[(seen.energy_unit == unit) & ~np.isnan(seen.energy)]
        if len(chosen):
            low, median, high = (round(float(value), 4) for value in (chosen.min(), np.median(chosen), chosen.max()))
            energies[unit] = {"spectra": len(chosen), "lowest": low, "median": median, "highest": high}
    return {
        "ion_modes": {name: int((seen.peaks.ion_mode == sign).sum()) for name, sign in (("positive", 1), ("negative", -1))},
        "instrument_types": _counted(seen.instrument_type),
        "adducts": _counted(seen.adduct),
        "precursor_mz": _spread(seen.peaks.precursor_mz),
        "peaks": _spread(seen.peaks.lengths),
        "collision_energies": energies,
    }


def limits(facts: Mapping[str, Any]) -> str:
    """Say where a model has something to go by, and where nothing: counts alone, no opinion.

    Parameters
    ----------
    facts : mapping
        As :func:`training_facts` gives them.

    Returns
    -------
    str
        Clauses with semicolons between.
    """
    modes, mz, energies = facts["ion_modes"], facts["precursor_mz"], facts["collision_energies"]
    parts = ["trained on spectra of " + " and ".join(f"{name} mode ({n:,})" for name, n in modes.items() if n)]
    parts += [f"none of {name} mode" for name, n in modes.items() if not n]
    within = f"90 % between {mz['low']:.4g} and {mz['high']:.4g}"
    parts.append(f"precursor m/z {mz['lowest']:.4f} to {mz['highest']:.4f} ({within})")
    parts.append("adducts: " + _listed(facts["adducts"]))
    parts.append("instrument types: " + _listed(facts["instrument_types"]))
    told = [
        f"{part['lowest']:g} to {part['highest']:g} {unit} ({part['spectra']:,} spectra, median {part['median']:g})"
        for unit in ("eV", "percent")
        if (part := energies.get(unit))
    ]
    if energies["not_stated"]:
        told.append(f"not stated ({energies['not_stated']:,})")
    parts.append("collision energies: " + ", ".join(told))
    return "; ".join(parts)


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(map(str, values)).items(), key=lambda entry: (-entry[1], entry[0])))


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    told = [f"{name or 'not stated'} ({n:,})" for name, n in ordered[:_SHOWN]]
    rest = ordered[_SHOWN:]
    more = [f"{len(rest):,} more kinds ({sum(n for _, n in rest):,})"] if rest else []
    return ", ".join(told + more)


def _spread(values: npt.NDArray[Any]) -> dict[str, float]:
    names = ("lowest", "low", "median", "high", "highest")
    found = np.quantile(values, (0.0, 0.05, 0.5, 0.95, 1.0))
    return {name: round(float(value), 4) for name, value in zip(names, found, strict=True)}
