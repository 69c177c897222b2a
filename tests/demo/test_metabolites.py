"""The metabolites of the demonstration are the compounds that they are named for."""

import csv
from importlib import resources

import pytest
from rdkit import Chem
from rdkit.Chem.Descriptors import ExactMolWt
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from spectradb.demo.metabolites import load_metabolites

# Molecular formulas as any textbook states them, written down apart from the structures.
FORMULAS = """
glycine | C2H5NO2
alanine | C3H7NO2
beta-alanine | C3H7NO2
sarcosine | C3H7NO2
serine | C3H7NO3
proline | C5H9NO2
valine | C5H11NO2
norvaline | C5H11NO2
threonine | C4H9NO3
homoserine | C4H9NO3
leucine | C6H13NO2
isoleucine | C6H13NO2
norleucine | C6H13NO2
glutamic acid | C5H9NO4
glutamine | C5H10N2O3
lysine | C6H14N2O2
arginine | C6H14N4O2
histidine | C6H9N3O2
phenylalanine | C9H11NO2
tyrosine | C9H11NO3
methionine | C5H11NO2S
4-aminobutyric acid | C4H9NO2
2-aminobutyric acid | C4H9NO2
3-aminoisobutyric acid | C4H9NO2
dimethylglycine | C4H9NO2
betaine | C5H11NO2
4-hydroxyproline | C5H9NO3
pyroglutamic acid | C5H7NO3
citrulline | C6H13N3O3
taurine | C2H7NO3S
creatine | C4H9N3O2
1-methylhistidine | C7H11N3O2
3-methylhistidine | C7H11N3O2
N2-acetyllysine | C8H16N2O3
N6-acetyllysine | C8H16N2O3
hippuric acid | C9H9NO3
S-adenosylhomocysteine | C14H20N6O5S
glycylleucine | C8H16N2O3
leucylglycine | C8H16N2O3
glutathione | C10H17N3O6S
tryptophan | C11H12N2O2
kynurenine | C10H12N2O3
3-hydroxykynurenine | C10H12N2O4
kynurenic acid | C10H7NO3
anthranilic acid | C7H7NO2
5-hydroxytryptophan | C11H12N2O3
serotonin | C10H12N2O
tryptamine | C10H12N2
melatonin | C13H16N2O2
indole-3-acetic acid | C10H9NO2
5-hydroxyindoleacetic acid | C10H9NO3
indole-3-lactic acid | C11H11NO3
indole-3-propionic acid | C11H11NO2
indole-3-carboxaldehyde | C9H7NO
indoxyl sulfate | C8H7NO4S
phenethylamine | C8H11N
dopamine | C8H11NO2
octopamine | C8H11NO2
norepinephrine | C8H11NO3
epinephrine | C9H13NO3
normetanephrine | C9H13NO3
succinic acid | C4H6O4
methylmalonic acid | C4H6O4
2-oxoglutaric acid | C5H6O5
citric acid | C6H8O7
isocitric acid | C6H8O7
glutaric acid | C5H8O4
ethylmalonic acid | C5H8O4
2-hydroxybutyric acid | C4H8O3
3-hydroxybutyric acid | C4H8O3
salicylic acid | C7H6O3
3-hydroxybenzoic acid | C7H6O3
4-hydroxybenzoic acid | C7H6O3
gentisic acid | C7H6O4
protocatechuic acid | C7H6O4
4-hydroxyphenylacetic acid | C8H8O3
mandelic acid | C8H8O3
vanillin | C8H8O3
ferulic acid | C10H10O4
isoferulic acid | C10H10O4
3-caffeoylquinic acid | C16H18O9
4-caffeoylquinic acid | C16H18O9
adenine | C5H5N5
hypoxanthine | C5H4N4O
uracil | C4H4N2O2
adenosine | C10H13N5O4
2'-deoxyadenosine | C10H13N5O3
3'-deoxyadenosine | C10H13N5O3
2'-deoxyguanosine | C10H13N5O4
guanosine | C10H13N5O5
1-methylguanosine | C11H15N5O5
N2-methylguanosine | C11H15N5O5
2'-O-methylguanosine | C11H15N5O5
N6-methyladenosine | C11H15N5O4
2'-O-methyladenosine | C11H15N5O4
5'-methylthioadenosine | C11H15N5O3S
inosine | C10H12N4O5
5-methylcytidine | C10H15N3O5
2'-O-methylcytidine | C10H15N3O5
uridine | C9H12N2O6
pseudouridine | C9H12N2O6
adenosine 5'-monophosphate | C10H14N5O7P
adenosine 3'-monophosphate | C10H14N5O7P
cyclic AMP | C10H12N5O6P
adenosine triphosphate | C10H16N5O13P3
UDP-glucose | C15H24N2O17P2
NAD | C21H27N7O14P2
glucose | C6H12O6
fructose | C6H12O6
inositol | C6H12O6
sucrose | C12H22O11
trehalose | C12H22O11
N-acetylglucosamine | C8H15NO6
glucose 1-phosphate | C6H13O9P
glucose 6-phosphate | C6H13O9P
fructose 6-phosphate | C6H13O9P
carnitine | C7H15NO3
acetylcarnitine | C9H17NO4
propionylcarnitine | C10H19NO4
butyrylcarnitine | C11H21NO4
isobutyrylcarnitine | C11H21NO4
isovalerylcarnitine | C12H23NO4
2-methylbutyrylcarnitine | C12H23NO4
octanoylcarnitine | C15H29NO4
decanoylcarnitine | C17H33NO4
palmitoylcarnitine | C23H45NO4
cholic acid | C24H40O5
deoxycholic acid | C24H40O4
chenodeoxycholic acid | C24H40O4
hyodeoxycholic acid | C24H40O4
glycocholic acid | C26H43NO6
taurocholic acid | C26H45NO7S
glycodeoxycholic acid | C26H43NO5
glycochenodeoxycholic acid | C26H43NO5
corticosterone | C21H30O4
11-deoxycortisol | C21H30O4
testosterone | C19H28O2
dehydroepiandrosterone | C19H28O2
linoleic acid | C18H32O2
alpha-linolenic acid | C18H30O2
gamma-linolenic acid | C18H30O2
choline | C5H14NO+
phosphocholine | C5H14NO4P
glycerophosphocholine | C8H20NO6P
LPC 16:0 | C24H50NO7P
sphingosine | C18H37NO2
nicotinic acid | C6H5NO2
picolinic acid | C6H5NO2
4-aminobenzoic acid | C7H7NO2
pyridoxine | C8H11NO3
riboflavin | C17H20N4O6
thiamine | C12H17N4OS+
pantothenic acid | C9H17NO5
ascorbic acid | C6H8O6
putrescine | C4H12N2
spermidine | C7H19N3
spermine | C10H26N4
N1-acetylspermidine | C9H21N3O
N8-acetylspermidine | C9H21N3O
caffeine | C8H10N4O2
theophylline | C7H8N4O2
theobromine | C7H8N4O2
paraxanthine | C7H8N4O2
acetaminophen | C8H9NO2
ibuprofen | C13H18O2
metformin | C4H11N5
atenolol | C14H22N2O3
lidocaine | C14H22N2O
diclofenac | C14H11Cl2NO2
warfarin | C19H16O4
nicotine | C10H14N2
cotinine | C10H12N2O
apigenin | C15H10O5
genistein | C15H10O5
naringenin | C15H12O5
luteolin | C15H10O6
kaempferol | C15H10O6
quercetin | C15H10O7
apigenin 7-O-glucoside | C21H20O10
vitexin | C21H20O10
"""

ISOMERS = [
    {"leucine", "isoleucine", "norleucine"},
    {"alanine", "beta-alanine", "sarcosine"},
    {"salicylic acid", "3-hydroxybenzoic acid", "4-hydroxybenzoic acid"},
    {"1-methylguanosine", "N2-methylguanosine", "2'-O-methylguanosine"},
    {"theophylline", "theobromine", "paraxanthine"},
    {"deoxycholic acid", "chenodeoxycholic acid", "hyodeoxycholic acid"},
    {"citric acid", "isocitric acid"},
    {"glucose", "fructose", "inositol"},
]


def _by_name():
    return {metabolite.name: metabolite for metabolite in load_metabolites()}


@pytest.mark.parametrize("line", FORMULAS.strip().splitlines())
def test_structure_has_the_formula_of_the_compound(line):
    name, formula = line.split(" | ")
    metabolite = _by_name()[name]
    assert metabolite.formula == formula
    assert CalcMolFormula(Chem.MolFromSmiles(metabolite.smiles)) == formula


def test_every_metabolite_has_a_stated_formula():
    assert {line.split(" | ")[0] for line in FORMULAS.strip().splitlines()} == set(_by_name())


def test_file_has_the_named_columns_and_no_empty_cell():
    text = resources.files("spectradb.demo").joinpath("metabolites.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert list(rows[0]) == ["name", "smiles", "pathway"]
    assert len(rows) == len(load_metabolites()) == 180
    assert all(all(row.values()) for row in rows)


def test_names_and_2d_structures_are_unique():
    metabolites = load_metabolites()
    assert len({m.name for m in metabolites}) == len(metabolites)
    assert len({m.inchikey[:14] for m in metabolites}) == len(metabolites)
    assert all(m.inchikey == Chem.MolToInchiKey(m.mol) for m in metabolites)


@pytest.mark.parametrize("group", ISOMERS, ids=min)
def test_isomers_share_formula_and_mass(group):
    members = [_by_name()[name] for name in group]
    assert len({m.formula for m in members}) == 1
    assert max(ExactMolWt(m.mol) for m in members) - min(ExactMolWt(m.mol) for m in members) < 1e-6


@pytest.mark.parametrize(
    ("name", "block"),
    [  # first blocks of InChIKeys that are known by heart
        ("caffeine", "RYYVLZVUVIJVGH"),
        ("glycine", "DHMQDGOQFOQNFH"),
        ("leucine", "ROHFNLRQFUQHCH"),
        ("glucose", "WQZGKKKJIJFFOK"),
        ("adenosine", "OIRDTQYFTABQOQ"),
        ("quercetin", "REFJWTPEDVJJIY"),
        ("cholic acid", "BHQCQFFYRZLCQQ"),
        ("tryptophan", "QIVBCDIJIAJPQS"),
        ("nicotine", "SNICXCGAKADSCV"),
        ("riboflavin", "AUNGANRZJHBGPY"),
    ],
)
def test_inchikey_is_the_published_one(name, block):
    assert _by_name()[name].inchikey[:14] == block
