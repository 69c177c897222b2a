"""The connected parts that a molecule can fall into when one, two or three of its bonds break."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rdkit.Chem.rdchem import Mol


def molecule_parts(mol: Mol, efforts: NDArray[np.float64], *, effort_limit: float) -> NDArray[np.bool_]:
    """List the parts that one or two broken bridges, or one broken ring and at most one bridge, set free.

    A bridge is a bond outside all rings. A ring is broken at two of its bonds.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure.
    efforts : ndarray, shape (n_bonds,)
        Effort to break each bond; infinite where it does not break.
    effort_limit : float
        Rings are broken at pairs of bonds up to this effort together.

    Returns
    -------
    ndarray of bool, shape (n_parts, n_atoms)
        Atoms of each part; no part twice, the whole molecule among them.
    """
    neighbours = [[(b.GetOtherAtomIdx(a.GetIdx()), b.GetIdx()) for b in a.GetBonds()] for a in mol.GetAtoms()]
    breakable = [bond for bond in mol.GetBonds() if np.isfinite(efforts[bond.GetIdx()])]
    bridges = [_side(neighbours, bond.GetBeginAtomIdx(), {bond.GetIdx()}) for bond in breakable if not bond.IsInRing()]
    rings = []
    for ring in mol.GetRingInfo().BondRings():
        for pair in combinations([index for index in ring if np.isfinite(efforts[index])], 2):
            if efforts[list(pair)].sum() <= effort_limit:
                first = mol.GetBondWithIdx(pair[0])
                side = _side(neighbours, first.GetBeginAtomIdx(), set(pair))
                if not side[first.GetEndAtomIdx()]:
                    rings.append(side)
    parts = [np.ones(mol.GetNumAtoms(), dtype=bool)]
    for side in (*bridges, *rings):
        parts += [side, ~side]
    # A bridge splits a connected part into two connected ones, so every overlap of its sides with another cut is connected.
    for bridge, other in [*combinations(bridges, 2), *((bridge, ring) for bridge in bridges for ring in rings)]:
        parts += [bridge & other, bridge & ~other, ~bridge & other, ~bridge & ~other]
    unique = np.unique(np.array(parts), axis=0)
    return unique[unique.any(axis=1)]


def _side(neighbours: list[list[tuple[int, int]]], start: int, without: set[int]) -> NDArray[np.bool_]:
    """Find the atoms that are reachable from one atom without crossing some bonds."""
    reached = np.zeros(len(neighbours), dtype=bool)
    reached[start] = True
    waiting = [start]
    while waiting:
        for atom, bond in neighbours[waiting.pop()]:
            if bond not in without and not reached[atom]:
                reached[atom] = True
                waiting.append(atom)
    return reached
