import pytest

from spectradb.errors import BadStructure
from spectradb.udfs.structures import Structure, inchikey_2d, read_structure

ETHANOL = "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"
CAFFEINE_INCHI = "InChI=1S/C8H10N4O2/c1-10-4-9-6-5(10)7(13)12(3)8(14)11(6)2/h4H,1-3H3"


def test_smiles_gives_the_whole_structure():
    found = read_structure("OCC", None, ETHANOL)
    assert found == Structure("LFQSCWFLJHTTHZ", "CCO", ETHANOL, ETHANOL, False, "C2H6O", found.monoisotopic_mass)
    assert found.monoisotopic_mass == pytest.approx(46.041865, abs=1e-6)


def test_smiles_is_preferred_to_inchi():
    assert read_structure("CCO", CAFFEINE_INCHI, None).analyte_id == "LFQSCWFLJHTTHZ"


@pytest.mark.parametrize("inchi", [CAFFEINE_INCHI, CAFFEINE_INCHI.removeprefix("InChI="), f'"{CAFFEINE_INCHI}"'])
@pytest.mark.parametrize("smiles", [None, "", "not a smiles", "CC*"])
def test_inchi_serves_where_the_smiles_does_not(smiles, inchi):
    found = read_structure(smiles, inchi, None)
    assert found.inchikey == "RYYVLZVUVIJVGH-UHFFFAOYSA-N"
    assert found.formula == "C8H10N4O2"
    assert found.monoisotopic_mass == pytest.approx(194.080376, abs=1e-6)


@pytest.mark.parametrize(
    ("given", "corrected"),
    [
        (None, False),
        (ETHANOL, False),
        (f"InChIKey={ETHANOL}", False),
        ("LFQSCWFLJHTTHZ-AAAAAAAASA-N", False),  # other stereochemistry, same 2D structure
        ("LFQSCWFLJHTTHZ", False),
        ("RYYVLZVUVIJVGH-UHFFFAOYSA-N", True),
        ("no key", False),
    ],
)
def test_a_key_that_contradicts_the_structure_is_corrected(given, corrected):
    found = read_structure("CCO", None, given)
    assert found.inchikey == ETHANOL
    assert found.inchikey_corrected is corrected


@pytest.mark.parametrize(
    ("key", "inchikey"), [(ETHANOL, ETHANOL), ("LFQSCWFLJHTTHZ-UHFFFAOYAS", None), ("LFQSCWFLJHTTHZ", None)]
)
def test_a_key_alone_names_the_analyte(key, inchikey):
    assert read_structure(None, " ", key) == Structure("LFQSCWFLJHTTHZ", None, inchikey, key, False, None, None)


@pytest.mark.parametrize(
    ("smiles", "inchi", "inchikey", "reason"),
    [
        (None, None, None, "neither"),
        ("", "", "", "neither"),
        (None, None, "lfqscwfljhtthz-uhfffaoysa-n", "14 capitals"),
        (None, None, "LFQSCWFLJHTTHZX-UHFFFAOYSA-N", "14 capitals"),
        ("C1CC", None, ETHANOL, "cannot be read"),
        ("C" * 1_000 + "(", None, None, "C...' cannot be read"),
        ("C" * 1_024, None, None, "no InChIKey can be computed"),
        ("C" * 10_001, None, None, "C...' has 10,001 characters"),
        (None, "InChI=1S/" + "C" * 10_000, None, "has 10,009 characters"),
        ("*CC", None, None, "incomplete structure"),
        ("[*]CC(R)", "InChI=1S/garbage", None, "InChI 'InChI=1S/garbage' cannot be read"),
    ],
)
def test_bad_structures_raise_with_the_reason(smiles, inchi, inchikey, reason):
    with pytest.raises(BadStructure) as caught:
        read_structure(smiles, inchi, inchikey)
    assert reason in str(caught.value)


def test_nothing_is_printed_about_bad_structures(capfd):
    assert inchikey_2d("C1CC(C)(C)(C)(C)C") is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("smiles", "formula", "mass"),
    [
        ("C[N+](C)(C)CCO", "C5H14NO+", 104.107539),  # charges stay, electrons are not weighed
        ("[Na+].CC(=O)[O-]", "C2H3NaO2", 82.003073),  # salts stay whole
        ("[2H]C([2H])([2H])O", "CHD3O", 35.045045),  # isotopes count as drawn
    ],
)
def test_structures_are_taken_as_drawn(smiles, formula, mass):
    found = read_structure(smiles, None, None)
    assert found.formula == formula
    assert found.monoisotopic_mass == pytest.approx(mass, abs=2e-6)


def test_salt_and_acid_are_two_analytes():
    assert inchikey_2d("[Na+].CC(=O)[O-]") == "VMHLLURERBWHNL"
    assert inchikey_2d("CC(=O)O") == "QTBSBXVTEAMEQO"


@pytest.mark.parametrize(("smiles", "key"), [("C[C@H](N)C(=O)O", "QNAYBMKLOCPYGJ"), ("C[C@@H](N)C(=O)O", "QNAYBMKLOCPYGJ")])
def test_inchikey_2d_ignores_stereochemistry(smiles, key):
    assert inchikey_2d(smiles) == key


@pytest.mark.parametrize("smiles", ["", "*CC", "C1CC", "not a smiles"])
def test_inchikey_2d_of_no_structure_is_none(smiles):
    assert inchikey_2d(smiles) is None


@pytest.mark.parametrize(
    ("smiles", "analyte"),
    [
        ("CC(=O)O", "QTBSBXVTEAMEQO"),
        ("[12CH3]C(=O)O", "QTBSBXVTEAMEQO"),  # the commonest isotope is no label
        ("[13CH3]C(=O)O", "QTBSBXVTEAMEQO-OUBTZVSY"),
        ("CC(=O)[O-]", "QTBSBXVTEAMEQO-M"),
        ("[13CH3]C(=O)[O-]", "QTBSBXVTEAMEQO-OUBTZVSY-M"),
        ("C[N+](C)(C)CCO", "OEYIOHPDSNJKLS"),  # a charge that no proton explains
        ("C[N+](C)(C)CC(=O)[O-]", "KWIUHFFTVRNATP"),
        ("C[N+](C)(C)CC(=O)O", "KWIUHFFTVRNATP-O"),
        # stereoisomers are one, labelled or not
        ("C[C@H](N)C(=O)O", "QNAYBMKLOCPYGJ"),
        ("C[C@@H](N)C(=O)O", "QNAYBMKLOCPYGJ"),
        ("[2H][C@](C)(N)C(=O)O", "QNAYBMKLOCPYGJ-VMNATFBR"),
        ("[2H][C@@](C)(N)C(=O)O", "QNAYBMKLOCPYGJ-VMNATFBR"),
    ],
)
def test_labels_and_protons_make_analytes_stereochemistry_does_not(smiles, analyte):
    found = read_structure(smiles, None, None)
    assert (found.analyte_id, inchikey_2d(smiles)) == (analyte, analyte[:14])


def test_of_a_bare_key_the_protonation_is_known():
    assert read_structure(None, None, "QTBSBXVTEAMEQO-UHFFFAOYSA-M").analyte_id == "QTBSBXVTEAMEQO-M"
    # Its second block may tell of isotopes or of stereochemistry: it is taken for the latter.
    assert read_structure(None, None, "QTBSBXVTEAMEQO-OUBTZVSYSA-N").analyte_id == "QTBSBXVTEAMEQO"
    assert read_structure(None, None, "QTBSBXVTEAMEQO-OUBTZVSYSA").analyte_id == "QTBSBXVTEAMEQO"
