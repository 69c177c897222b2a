"""A record keeps its own identity, from the file to the answer that names it."""

import pytest
from made_files import one, peaks

CAFFEINE = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"
CAFFEINE_D9 = "[2H]C([2H])([2H])n1cnc2c1c(=O)n(C([2H])([2H])[2H])c(=O)n2C([2H])([2H])[2H]"


def msp(path, *records):
    """Write MSP records given as dicts; the key seed makes the peaks."""
    blocks = []
    for number, record in enumerate(records):
        found = peaks(record.get("seed", number))
        fields = [f"{key}: {value}" for key, value in record.items() if key != "seed"]
        blocks.append("\n".join([*fields, f"Num Peaks: {len(found)}", *(f"{mz:.4f} {height}" for mz, height in found)]))
    path.write_text("\n\n".join(blocks) + "\n")
    return path


def record(name, mz, smiles=None, **fields):
    stated = {"Name": name, "PrecursorMZ": mz, "Precursor_type": "[M+H]+", "Ion_mode": "positive"} | fields
    return stated | ({"SMILES": smiles} if smiles else {})


def identified(lab, tmp_path, *queries):
    """Import queries as a study, identify them and return the answers: (native_id, column, ...)."""
    lab.import_study("s", msp(tmp_path / "s.msp", *queries))
    lab.embed("binned")
    lab.identify("s", "lib", name="first")
    columns = "native_id, name, analyte_name, formula, smiles, inchikey, adduct"
    return one(lab, f"SELECT {columns} FROM identifications ORDER BY native_id")


def test_labelled_and_plain_caffeine_answer_for_themselves(fresh_lab, tmp_path):
    library = msp(
        tmp_path / "lib.msp",
        record("Caffeine-d9", 204.1442, CAFFEINE_D9, seed=1, **{"DB#": "L1"}),
        record("Caffeine", 195.0877, CAFFEINE, seed=2, **{"DB#": "L2"}),
    )
    fresh_lab.import_library("lib", library)
    assert one(fresh_lab, "SELECT analyte_id, inchikey_2d, name, round(monoisotopic_mass, 4) FROM analytes") == [
        ("RYYVLZVUVIJVGH", "RYYVLZVUVIJVGH", "Caffeine", 194.0804),
        ("RYYVLZVUVIJVGH-GQALSZNT", "RYYVLZVUVIJVGH", "Caffeine-d9", 203.1369),
    ]
    answers = identified(
        fresh_lab,
        tmp_path,
        {"Name": "q1", "PrecursorMZ": 195.0877, "Ion_mode": "positive", "DB#": "q1", "seed": 2},
        {"Name": "q2", "PrecursorMZ": 204.1442, "Ion_mode": "positive", "DB#": "q2", "seed": 1},
    )
    plain = "RYYVLZVUVIJVGH-UHFFFAOYSA-N"
    assert [row[:4] for row in answers] == [
        ("q1", "Caffeine", "Caffeine", "C8H10N4O2"),
        ("q2", "Caffeine-d9", "Caffeine-d9", "C8HD9N4O2"),
    ]
    assert [row[5] for row in answers] == [plain, "RYYVLZVUVIJVGH-GQALSZNTSA-N"]


def test_an_answer_is_named_by_its_record_and_its_library(fresh_lab, tmp_path):
    """Neither other libraries nor studies name it; GNPS's prefixes and adducts are gone."""
    quercetin = "O=c1c(O)c(-c2ccc(O)c(O)c2)oc2cc(O)cc(O)c12"
    library = msp(
        tmp_path / "lib.msp",
        record("Spectral Match to Meletin - 40.0 eV from NIST14", 303.0499, quercetin, seed=1),
        record("Massbank:XY000002 Quercetin|Sophoretin", 303.0499, quercetin, seed=2),
        record("Quercetin [M+H]+", 303.0499, quercetin, seed=3),
        record("Quercetin hydrate", 303.0499, quercetin, seed=4),
    )
    other = msp(tmp_path / "other.msp", *(record("Xanthaurine", 303.0499, quercetin, seed=20 + i) for i in range(9)))
    fresh_lab.import_library("lib", library)
    fresh_lab.import_library("other", other)
    query = record("challenge_1", 303.0499, quercetin, seed=1, **{"DB#": "q"})
    (answer,) = identified(fresh_lab, tmp_path, query)
    assert answer[:3] == ("q", "Meletin", "Quercetin")
    assert one(fresh_lab, "SELECT name FROM analytes") == ["Xanthaurine"]
    assert one(fresh_lab, "SELECT collection, name FROM analyte_names WHERE place = 1 ORDER BY 1") == [
        ("lib", "Quercetin"),
        ("other", "Xanthaurine"),
    ]
    assert one(fresh_lab, "SELECT name FROM spectrum_list WHERE collection = 's'") == ["challenge_1"]


def test_a_study_names_no_analyte(fresh_lab, tmp_path):
    fresh_lab.import_study("s", msp(tmp_path / "s.msp", record("challenge_288", 195.0877, CAFFEINE)))
    assert one(fresh_lab, "SELECT analyte_id, name, formula FROM analytes") == [("RYYVLZVUVIJVGH", None, "C8H10N4O2")]


def test_the_plain_structure_stands_for_its_stereoisomers(fresh_lab, tmp_path):
    library = msp(
        tmp_path / "lib.msp",
        record("L-Alanine", 90.055, "C[C@H](N)C(=O)O", seed=1),
        record("Alanine", 90.055, "CC(N)C(=O)O", seed=2),
        record("Alanine-2-d1", 91.0613, "[2H]C(C)(N)C(=O)O", seed=3),
        record("Alaninate", 90.055, "CC(N)C(=O)[O-]", seed=4),
        record("Alanine sodium", 112.0369, "CC(N)C(=O)[O-].[Na+]", seed=5),
    )
    fresh_lab.import_library("lib", library)
    found = one(fresh_lab, "SELECT analyte_id, name, smiles, round(monoisotopic_mass, 3), n_stereoisomers FROM analytes")
    assert [row for row in found if row[0].startswith("QNAYBMKLOCPYGJ")] == [
        ("QNAYBMKLOCPYGJ", "Alanine", "CC(N)C(=O)O", 89.048, 2),
        ("QNAYBMKLOCPYGJ-M", "Alaninate", "CC(N)C(=O)[O-]", 88.04, 1),
        ("QNAYBMKLOCPYGJ-VMNATFBR", "Alanine-2-d1", "[2H]C(C)(N)C(=O)O", 90.054, 1),
    ]
    assert len(found) == 4  # a salt has another first block


def test_a_library_of_names_and_masses_identifies_to_names(fresh_lab, tmp_path):
    library = msp(
        tmp_path / "lib.msp",
        record("Compound alpha", 250.1, Formula="C10H20", seed=1, **{"DB#": "L1"}),
        record("compound  ALPHA", 250.1, seed=2, **{"DB#": "L2"}),
        record("Compound beta", 250.1, seed=3, **{"DB#": "L3"}),
        record("Unknown (7.19_250.1m/z)", 250.1, seed=4, **{"DB#": "L4"}),
    )
    report = fresh_lab.import_library("lib", library)
    assert (report.n_kept, [(reason, n) for reason, n, _ in report.by_reason("dropped")]) == (3, [("no_structure", 1)])
    assert [(reason, n) for reason, n, _ in report.by_reason("changed")] == [("named_only", 3)]
    columns = "name, inchikey_2d, smiles, formula, monoisotopic_mass, n_stereoisomers"
    assert one(fresh_lab, f"SELECT {columns} FROM analytes ORDER BY name") == [
        ("Compound alpha", None, None, "C10H20", None, 0),
        ("Compound beta", None, None, None, None, 0),
    ]
    answers = identified(
        fresh_lab, tmp_path, {"Name": "q", "PrecursorMZ": 250.1, "Ion_mode": "positive", "DB#": "q", "seed": 3}
    )
    assert answers == [("q", "Compound beta", "Compound beta", None, None, None, "[M+H]+")]
    # A study's names are no annotation.
    assert one(fresh_lab, "SELECT analyte_id, name FROM spectra WHERE collection = 's'") == [(None, "q")]


def test_records_are_called_what_their_file_calls_them(fresh_lab, tmp_path):
    library = msp(
        tmp_path / "lib.msp",
        record("Caffeine", 195.0877, CAFFEINE, seed=1),
        record("Caffeine", 195.0877, CAFFEINE, seed=2),
        record("Theine", 195.0877, CAFFEINE, seed=3, ID="E7"),
        record("Theine", 195.0877, CAFFEINE, seed=4, ScanNumber="812"),
        record("Theine", 195.0877, CAFFEINE, seed=5, **{"DB#": "D1", "ID": "E8"}),
        record("Unknown", 195.0877, CAFFEINE, seed=6),
    )
    fresh_lab.import_library("lib", library)
    found = one(fresh_lab, "SELECT native_id FROM spectra ORDER BY mz[1]")
    assert found == ["Caffeine", "Caffeine#2", "E7", "812", "D1", "lib line 65"]
    # Another file may hold other spectra of the same compound.
    report = fresh_lab.import_library("lib", msp(tmp_path / "more.msp", record("Caffeine", 195.0877, CAFFEINE, seed=7)))
    assert report.n_kept == 1
    assert one(fresh_lab, "SELECT native_id FROM spectra ORDER BY mz[1]")[-1] == "Caffeine#3"


ARACHIDONIC = "CCCCCC=CCC=CCC=CCC=CCCCC(=O)O"


@pytest.mark.parametrize(
    ("name", "mz", "analyte", "mass"),
    [
        ("AA-[d8]", 311.2832, "YZXBAPSDXZZRGB-d8", 312.2904),
        ("Arachidonic acid-d8", 311.2832, "YZXBAPSDXZZRGB-d8", 312.2904),
        ("[13C5]-Arachidonic acid", 308.2497, "YZXBAPSDXZZRGB-13C5", 309.2570),
        ("13C5 Arachidonic acid-d2", 310.2623, "YZXBAPSDXZZRGB-13C5d2", 311.2696),
        # what the name tells and the precursor does not, or the other way round, is no label
        ("Arachidonic acid-d8", 303.2330, "YZXBAPSDXZZRGB", 304.2402),
        ("Arachidonic acid", 311.2832, "YZXBAPSDXZZRGB", 304.2402),
        ("SM d8:1", 311.2832, "YZXBAPSDXZZRGB", 304.2402),
    ],
)
def test_labels_that_only_name_and_precursor_tell_make_another_analyte(fresh_lab, tmp_path, name, mz, analyte, mass):
    fields = {"Precursor_type": "[M-H]-", "Ion_mode": "negative"}
    report = fresh_lab.import_library("lib", msp(tmp_path / "lib.msp", record(name, mz, ARACHIDONIC, **fields)))
    assert one(fresh_lab, "SELECT analyte_id, round(monoisotopic_mass, 4) FROM analytes") == [(analyte, mass)]
    assert one(fresh_lab, "SELECT inchikey_2d FROM analytes") == ["YZXBAPSDXZZRGB"]
    assert ("labelled_by_name" in {reason for reason, _, _ in report.by_reason("changed")}) == (analyte != "YZXBAPSDXZZRGB")
