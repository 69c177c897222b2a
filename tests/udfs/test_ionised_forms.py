"""m/z of ions from structures as libraries draw them: salts, solvates, protonated and permanently charged molecules, labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from spectradb.errors import BadAdduct
from spectradb.udfs.adducts import adduct_mz
from spectradb.udfs.ionised_forms import NO_ION, ion_mz
from spectradb.udfs.structures import read_structure

PROPRANOLOL = "CC(C)NCC(O)COc1cccc2ccccc12"
CHOLINE = "C[N+](C)(C)CCO"
PARAQUAT = "C[n+]1ccc(cc1)-c1cc[n+](C)cc1"


@pytest.mark.parametrize(
    ("smiles", "adduct", "mz"),
    [
        (PROPRANOLOL, "[M+H]+", 260.1645),
        (f"{PROPRANOLOL}.Cl", "[M+H]+", 260.1645),
        ("CC(C)[NH2+]CC(O)COc1cccc2ccccc12.[Cl-]", "[M+H]+", 260.1645),
        ("CC(C)[NH2+]CC(O)COc1cccc2ccccc12.[Cl-]", "[M]+", 260.1645),
        (f"{PROPRANOLOL}.Cl", "[M+Na]+", 282.1465),
        (f"{PROPRANOLOL}.Cl", "[2M+H]+", 519.3217),
        (f"{PROPRANOLOL}.{PROPRANOLOL}.OC(=O)/C=C/C(=O)O", "[M+H]+", 260.1645),  # a salt of two molecules of one kind
        (f"{PROPRANOLOL}.O.O", "[M+H]+", 260.1645),
        ("CC(=O)[O-].[Na+]", "[M-H]-", 59.0139),
        ("CC(=O)O[Na]", "[M-H]-", 59.0139),
        ("CC(=O)[O-].[Na+]", "[M]-", 59.0139),
        ("O=C([O-])CCC(=O)[O-].[Ca+2]", "[M-H]-", 117.0193),
        ("O=C([O-])CCC(=O)[O-].[Na+].[Na+]", "[M+Na]+", 141.0158),
        ("O=C([O-])CCC(=O)[O-].[Na+].[Na+]", "[M-2H]2-", 58.0060),
        (CHOLINE, "[M]+", 104.1070),
        (f"{CHOLINE}.[Cl-]", "[M]+", 104.1070),
        (f"{CHOLINE}.[Cl-]", "[M-H2O]+", 86.0964),
        (PARAQUAT, "[M]2+", 93.0573),
        (f"{PARAQUAT}.[Cl-].[Cl-]", "[M-H]+", 185.1073),
        ("C[N+](C)(C)CC(=O)[O-]", "[M+H]+", 118.0863),  # betaine: charged, and neutral
        ("Cn1c(=O)c2c(ncn2C([2H])([2H])[2H])n(C)c1=O", "[M+H]+", 198.1065),
        ("Cn1c(=O)c2c(ncn2[13CH3])n(C)c1=O.Cl", "[M+H]+", 196.0910),
        ("Cn1c(=O)c2c(ncn2C)n(C)c1=O", "[M]+", 194.0798),  # a radical cation of a neutral drawing
        ("Cn1c(=O)c2c(ncn2C)n(C)c1=O", "[M-H]+", 193.0720),  # a hydride lost
        ("N[Pt](N)(Cl)Cl", "[M+H]+", 297.9472),  # in one piece
    ],
)
def test_ion(smiles, adduct, mz):
    found = ion_mz(smiles, adduct)
    assert found.computed == pytest.approx(mz, abs=1e-4)
    assert found.of_parts[0] == found.computed
    assert ion_mz(smiles, adduct, mass=read_structure(smiles, None, None).monoisotopic_mass) == found


@pytest.mark.parametrize(
    "smiles",
    [
        *(
            "CCO",
            "OC(=O)[C@@H](N)Cc1c[nH]c2ccccc12",
            "c1ccc(-c2ccccc2)cc1",
            "C[Si](C)(C)O",
            "[2H]C([2H])([2H])O",
            "C[Se]CC",
            "[CH3]",
        ),
        *("CCO.CCO", "CC(=O)O[Na]", CHOLINE, "C[N+](C)(C)CC(=O)[O-]", "C[Hg]C", "C[As](C)O", "C[S@@+]([O-])CC", "[Na+].[Cl-]"),
    ],
)
@pytest.mark.parametrize("adduct", ["[M+H]+", "[M-H]-", "[M]+", "[2M+Na]+"])
def test_a_mass_that_is_known_changes_nothing(smiles, adduct):
    structure = read_structure(smiles, None, None)
    assert ion_mz(structure.smiles, adduct, mass=structure.monoisotopic_mass) == ion_mz(structure.smiles, adduct)


@pytest.mark.parametrize(
    ("smiles", "adduct"),
    [
        (CHOLINE, "[M+H]+"),  # two charges, and one is stated
        (f"{CHOLINE}.[Cl-]", "[M+Na]+"),
        (CHOLINE, "[M-H]-"),
        (PARAQUAT, "[M]+"),
        ("[Na+].[Cl-]", "[M+H]+"),  # nothing organic
        ("C", "[M-H2O+H]+"),  # more lost than there is
        ("C1CC", "[M+H]+"),  # unreadable
        ("", "[M+H]+"),
    ],
)
def test_no_ion(smiles, adduct):
    assert ion_mz(smiles, adduct) == NO_ION


def test_two_organic_parts_of_one_size_leave_the_ion_open():
    ibuprofen, lysine = "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "NCCCCC(N)C(=O)O"
    found = ion_mz(f"{ibuprofen}.{lysine}", "[M+H]+")
    assert found.computed is None
    assert found.of_parts == pytest.approx((207.1380, 147.1128), abs=1e-4)


def test_a_well_known_counter_ion_leaves_nothing_open_however_large():
    ethylamine_tosylate = "CCCCN.Cc1ccc(cc1)S(=O)(=O)O"
    assert ion_mz(ethylamine_tosylate, "[M+H]+").computed == pytest.approx(173.0267, abs=1e-4)
    lysine_tosylate = "NCCCCC(N)C(=O)O.OC(=O)C(O)C(O)C(=O)O"
    assert ion_mz(lysine_tosylate, "[M+H]+").of_parts == pytest.approx((147.1128, 151.0237), abs=1e-4)


def test_a_complex_drawn_in_pieces_leaves_the_ion_open():
    assert ion_mz("[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1", "[M+H]+").computed is None


def test_an_adduct_that_cannot_be_read():
    with pytest.raises(BadAdduct):
        ion_mz("CCO", "[M+Xx]+")


@given(
    st.sampled_from(["CCO", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "NCC(=O)O", "CC(C)NCC(O)COc1cccc2ccccc12", "OCC1OC(O)C(O)C(O)C1O"]),
    st.sampled_from(["[M+H]+", "[M-H]-", "[M+Na]+", "[2M+H]+", "[M+2H]2+", "[M+HCOO]-", "[M-H2O+H]+", "[M]+", "[M+Cl]-"]),
    st.lists(st.sampled_from(["Cl", "Br", "O", "[Na+].[Cl-]", "OS(=O)(=O)O", "[K+]", "N"]), max_size=3),
)
def test_what_is_inorganic_beside_a_molecule_changes_nothing(smiles, adduct, beside):
    alone = adduct_mz(read_structure(smiles, None, None).monoisotopic_mass, adduct)
    drawn = Chem.MolToSmiles(Chem.MolFromSmiles(".".join([smiles, *beside])))
    assert ion_mz(drawn, adduct).computed == pytest.approx(alone, abs=1e-9)
