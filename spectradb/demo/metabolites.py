"""The metabolites that the demonstration simulates: names, structures and pathways."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rdkit import Chem
from rdkit.Chem.rdinchi import MolToInchiKey
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from spectradb.errors import BadStructure

if TYPE_CHECKING:
    from rdkit.Chem.rdchem import Mol


@dataclass(frozen=True)
class Metabolite:
    """One compound of the demonstration.

    Parameters
    ----------
    name : str
        Common name.
    smiles : str
        Structure without stereochemistry, which a fragment spectrum does not show; inner salts keep their charges.
    pathway : str
        Compound class or pathway.
    mol : rdkit.Chem.Mol
        The parsed structure.
    inchikey : str
        InChIKey of the structure as written, so its second block says that no stereochemistry is given.
    formula : str
        Molecular formula in Hill order, with the charge where there is one.
    """

    name: str
    smiles: str
    pathway: str
    mol: Mol
    inchikey: str
    formula: str


@cache
def load_metabolites() -> tuple[Metabolite, ...]:
    """Read the metabolites that come with the package.

    Returns
    -------
    tuple of Metabolite
        In the order of the file. No two share the first block of the InChIKey.

    Raises
    ------
    BadStructure
        If a SMILES of the file cannot be parsed.
    """
    text = resources.files("spectradb.demo").joinpath("metabolites.csv").read_text(encoding="utf-8")
    found = []
    for line, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        mol = Chem.MolFromSmiles(row["smiles"])
        if mol is None:
            raise BadStructure(f"metabolites.csv, line {line}: the SMILES {row['smiles']!r} cannot be parsed. Correct it.")
        found.append(Metabolite(row["name"], row["smiles"], row["pathway"], mol, MolToInchiKey(mol), CalcMolFormula(mol)))
    return tuple(found)
