"""Canonical tautomers: one name for what is one compound in solution, filled for the analytes that a search confuses."""

import shutil

import pytest
import tiny_lab as made_up
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem
from tiny_lab import ISOLEUCINE, LEUCINE

from spectradb.benchmarks.tautomers import fill_tautomers, tautomer_id
from spectradb.errors import BadParameter
from spectradb.facade.lab import connect

MOLECULES = ["CC(C)CC(N)C(=O)O", "Cn1cnc2c1c(=O)n(C)c(=O)n2C", "OC1=CC=CC=N1", "CC(=O)CC(C)=O", "C[N+](C)(C)CC([O-])=O"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O=c1cccc[nH]1", "Oc1ccccn1"),  # pyridone and hydroxypyridine
        ("CC(=O)CC(C)=O", "CC(O)=CC(C)=O"),  # keto and enol
        ("CC(=O)[O-].[Na+]", "CC(=O)O"),  # a salt and its acid
        ("[NH3+]CC(=O)[O-]", "NCC(=O)O"),  # a zwitterion
        ("Cl.NCCc1ccccc1", "NCCc1ccccc1"),
    ],
)
def test_forms_of_one_compound_have_one_name(one, other):
    assert tautomer_id(one) == tautomer_id(other) != None  # noqa: E711 (both)


@pytest.mark.parametrize(
    ("one", "other"), [("CC(C)CC(N)C(=O)O", "CCC(C)C(N)C(=O)O"), ("C[N+](C)(C)C", "CN(C)C"), ("c1ccccc1O", "c1ccccc1")]
)
def test_compounds_stay_apart(one, other):
    assert tautomer_id(one) != tautomer_id(other)


@pytest.mark.parametrize("smiles", ["", "no structure", "C(C)(C)(C)(C)C"])
def test_what_cannot_be_read_has_no_name(smiles):
    assert tautomer_id(smiles) is None


@given(smiles=st.sampled_from(MOLECULES), seed=st.integers(0, 2**20))
def test_the_name_does_not_depend_on_how_the_structure_is_written(smiles, seed):
    molecule = Chem.MolFromSmiles(smiles)
    (other,) = Chem.MolToRandomSmilesVect(molecule, 1, randomSeed=seed)
    assert tautomer_id(other) == tautomer_id(smiles)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    directory = tmp_path_factory.mktemp("template")
    made_up.build(directory).close()
    return directory / "lab"


@pytest.fixture
def lab(template, tmp_path):
    """A copy of the tiny lab for one test."""
    shutil.copytree(template, tmp_path / "lab")
    with connect(tmp_path / "lab") as lab:
        yield lab


def test_a_lab_fills_what_its_search_confuses(lab):
    report = lab.tautomers("first")
    assert (report.n_analytes, report.n_computed, report.n_present, report.n_failed) == (2, 2, 0, 0)
    assert lab.sql("SELECT analyte_id, tautomer_id FROM tautomers").fetchall() == [(ISOLEUCINE, ISOLEUCINE), (LEUCINE, LEUCINE)]
    rows = lab.sql("SELECT name, top_name, same_tautomer, kind FROM error_analysis('first') WHERE answerable").fetchall()
    assert rows == [("L-Isoleucine", "D-Leucine", False, "isomer")]
    again = lab.tautomers("first")
    assert (again.n_computed, again.n_present) == (0, 2)
    assert again.lines() == [
        f"2 confused analytes: 0 canonical tautomers computed in {again.seconds:.1f} s, 2 already present, 0 have none"
    ]
    assert again.as_dict()["n_present"] == 2


def test_searches_must_be_there(lab):
    with pytest.raises(BadParameter, match="no search 'never'"):
        fill_tautomers(lab.record, lab.connection(), ["never"])
