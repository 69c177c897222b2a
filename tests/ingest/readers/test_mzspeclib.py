import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mzspeclib
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems

FIXTURES = Path(__file__).parents[4] / "shared" / "data" / "fixtures" / "mzspeclib"

HEADER = """<mzSpecLib>
MS:1003186|library format version=1.0
MS:1003188|library name=tiny
MS:1003197|license URI=https://creativecommons.org/licenses/by/4.0/
<AttributeSet Spectrum=all>
MS:1000465|scan polarity=MS:1000130|positive scan
MS:1000031|instrument model=MS:1001911|Q Exactive
<AttributeSet Spectrum=low>
MS:1000511|ms level=2
<AttributeSet Analyte=all>
MS:1000041|charge state=1
"""

CAFFEINE = """<Spectrum=17>
MS:1003061|library spectrum name=caffeine
MS:1003212|library attribute set name=low
[1]MS:1000894|retention time=2.5
[1]UO:0000000|unit=UO:0000031|minute
[2]MS:1000045|collision energy=35.0
[2]UO:0000000|unit=UO:0000266|electronvolt
MS:1003208|experimental precursor monoisotopic m/z=195.0877
MS:1000744|selected ion m/z=195.1
MS:1003059|number of peaks=2
<Analyte=1>
MS:1000866|molecular formula=C8H10N4O2
MS:1000868|SMILES string=CN1C=NC2=C1C(=O)N(C(=O)N2C)C
MS:1002894|InChIKey=RYYVLZVUVIJVGH-UHFFFAOYSA-N
MS:1003403|InChI=InChI=1S/C8H10N4O2/c1-10-4-9-6-5(10)7(13)12(3)8(14)11(6)2/h4H,1-3H3
MS:1002813|adduct ion formula=[M+H]+
<Peaks>
110.0713\t20.5\t?
138.0662\t100.0\tnot an annotation//
"""

EXPECTED = dict.fromkeys(RAW_SCHEMA.names) | {
    "native_id": "17",
    "place": "spectrum 1",
    "ms_level": 2,
    "precursor_mz": 195.0877,
    "charge": 1,
    "ion_mode": "positive",
    "adduct": "[M+H]+",
    "collision_energy": "35 eV",
    "instrument": "Q Exactive",
    "retention_time_s": 150.0,
    "name": "caffeine",
    "smiles": "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "inchi": "InChI=1S/C8H10N4O2/c1-10-4-9-6-5(10)7(13)12(3)8(14)11(6)2/h4H,1-3H3",
    "inchikey": "RYYVLZVUVIJVGH-UHFFFAOYSA-N",
    "formula": "C8H10N4O2",
    "source_license": "https://creativecommons.org/licenses/by/4.0/",
    "mz": [110.0713, 138.0662],
    "intensity": [20.5, 100.0],
}


def entry(key, *lines, peaks="100.5\t7\n"):
    return "\n".join([f"<Spectrum={key}>", f"MS:1003061|library spectrum name=number {key}", *lines, "<Peaks>", peaks])


def read(path, text=None):
    if text is not None:
        path = path / "library.mzSpecLib.txt"
        path.write_text(text)
    problems = Problems()
    rows = pa.Table.from_batches(mzspeclib.read(path, problems), schema=RAW_SCHEMA).to_pylist()
    return rows, [(problem.place, problem.reason) for problem in problems.found]


def test_text(tmp_path):
    rows, problems = read(tmp_path, HEADER + CAFFEINE)
    assert problems == []
    assert rows == [EXPECTED]


def attribute(line):
    group, _, rest = line.partition("]") if line.startswith("[") else ("", "", line)
    key, _, value = rest.partition("=")
    accession, _, name = key.partition("|")
    term, found, text = value.partition("|")
    made = {"accession": accession, "name": name, "value": text if found else value}
    return made | ({"value_accession": term} if found else {}) | ({"cv_param_group": group.lstrip("[")} if group else {})


def as_json():
    """The same library, as JSON."""
    analyte, _, peaks = CAFFEINE.partition("<Analyte=1>\n")[2].partition("<Peaks>\n")
    spectrum = CAFFEINE.partition("<Analyte=1>")[0].splitlines()[1:]
    rows = [line.split("\t") for line in peaks.splitlines()]
    header = HEADER.splitlines()
    made = {
        "format_version": "1.0",
        "attributes": [attribute(line) for line in header[1:4]],
        "spectrum_attribute_sets": {"all": [attribute(line) for line in header[5:7]], "low": [attribute(header[8])]},
        "analyte_attribute_sets": {"all": [attribute(header[10])]},
        "interpretation_attribute_sets": {"all": []},
        "clusters": [],
        "spectra": [
            {
                "attributes": [attribute("MS:1003237|library spectrum key=17"), *map(attribute, spectrum)],
                "analytes": {"1": {"id": "1", "attributes": [attribute(line) for line in analyte.splitlines()]}},
                "mzs": [float(row[0]) for row in rows],
                "intensities": [float(row[1]) for row in rows],
                "peak_annotations": [row[2] for row in rows],
            }
        ],
    }
    for found in made["spectra"][0]["attributes"]:
        if found["name"] == "number of peaks":
            found["value"] = int(found["value"])
    return made


def test_json_gives_the_same(tmp_path):
    rows, problems = read(tmp_path, json.dumps(as_json()))
    assert problems == []
    assert rows == [EXPECTED]


def test_json_nested_too_deeply_is_unreadable(tmp_path):
    library = json.dumps(as_json() | {"clusters": 0}).replace('"clusters": 0', '"clusters": ' + "[" * 20_000 + "]" * 20_000)
    with pytest.raises(UnreadableFile, match=r"it is not mzSpecLib as text or JSON \(maximum recursion depth"):
        read(tmp_path, library)


def test_json_spectrum_without_peaks_costs_itself_only(tmp_path):
    library = as_json()
    library["spectra"].insert(0, {"attributes": [], "analytes": {}})
    rows, problems = read(tmp_path, json.dumps(library))
    assert [row["place"] for row in rows] == ["spectrum 2"]
    assert problems == [("spectrum 1", "it cannot be read: 'mzs'")]


def test_gzip(tmp_path):
    path = tmp_path / "library.mzSpecLib.txt.gz"
    path.write_bytes(gzip.compress((HEADER + CAFFEINE).encode()))
    assert read(path)[0] == [EXPECTED]


def test_peptide_has_a_name_and_no_structure(tmp_path):
    peptide = entry(1, "<Analyte=1>", "MS:1003270|proforma peptidoform ion notation=AC[Carbamidomethyl]K/2")
    rows, _ = read(tmp_path, HEADER + peptide)
    assert (rows[0]["name"], rows[0]["smiles"], rows[0]["inchikey"]) == ("AC[Carbamidomethyl]K/2", None, None)


def test_several_analytes_leave_the_structure_open(tmp_path):
    lines = [f"<Analyte={n}>\nMS:1000868|SMILES string={smiles}" for n, smiles in ((1, "CCO"), (2, "COC"))]
    rows, problems = read(tmp_path, HEADER + entry(1, *lines))
    assert problems == []
    assert (rows[0]["name"], rows[0]["smiles"]) == ("number 1", None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["MS:1003208|experimental precursor monoisotopic m/z=1.5", "MS:1000744|selected ion m/z=2.5"], 1.5),
        (["MS:1000744|selected ion m/z=2.5", "<Analyte=1>", "MS:1003053|theoretical monoisotopic m/z=3.5"], 2.5),
        (["MS:1000827|isolation window target m/z=4.5", "<Analyte=1>", "MS:1003053|theoretical monoisotopic m/z=3.5"], 3.5),
        (["MS:1000827|isolation window target m/z=4.5"], 4.5),
        ([], None),
    ],
)
def test_precursor(tmp_path, lines, expected):
    assert read(tmp_path, HEADER + entry(1, *lines))[0][0]["precursor_mz"] == expected


def test_own_attribute_goes_before_that_of_the_set(tmp_path):
    rows, _ = read(tmp_path, HEADER + entry(1, "MS:1000465|scan polarity=MS:1000129|negative scan"))
    assert rows[0]["ion_mode"] == "negative"


def test_values_without_unit(tmp_path):
    rows, _ = read(tmp_path, HEADER + entry(1, "MS:1000894|retention time=2.5", "MS:1000045|collision energy=35"))
    assert (rows[0]["retention_time_s"], rows[0]["collision_energy"]) == (None, "35")


def test_normalized_collision_energy(tmp_path):
    rows, _ = read(tmp_path, HEADER + entry(1, "MS:1000138|normalized collision energy=30"))
    assert rows[0]["collision_energy"] == "30 % (NCE)"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry(2, "nothing to be parsed"), "Malformed attribute line"),
        (entry(2, peaks="100.5\tmuch\n"), "'100.5\\tmuch' is no peak (m/z, intensity)"),
        (entry(2, peaks="100.5\n"), "'100.5' is no peak (m/z, intensity)"),
        (entry(2, "MS:1003212|library attribute set name=gone"), "'gone'"),
        (entry(2, "MS:1003059|number of peaks=3"), "it states 3 peaks and has 1: the file may have been cut"),
        (entry(2, "MS:1003072|spectrum origin type=MS:1003192|decoy spectrum"), "a decoy spectrum"),
        (entry("two"), "invalid literal for int()"),
    ],
)
def test_damage_costs_its_spectrum_only(tmp_path, bad, reason):
    rows, problems = read(tmp_path, HEADER + entry(1) + bad + entry(3))
    assert [row["native_id"] for row in rows] == ["1", "3"]
    assert [place for place, _ in problems] == ["spectrum 2"]
    assert reason in problems[0][1]


def test_clusters_and_interpretations_are_passed_over(tmp_path):
    cluster = "<Cluster=1>\nMS:1003320|spectrum cluster size=2\n\n"
    lines = ["<Analyte=1>", "MS:1000041|charge state=2", "<Interpretation=1>", "MS:1003163|analyte mixture members=1,2"]
    rows, problems = read(tmp_path, HEADER + cluster + entry(1, *lines))
    assert problems == []
    assert [(row["place"], row["charge"], row["mz"]) for row in rows] == [("spectrum 1", 2, [100.5])]


def test_no_vocabulary_is_fetched(tmp_path, monkeypatch):
    def fetched(self, name):
        raise AssertionError("a vocabulary was loaded")

    monkeypatch.setattr("mzspeclib.ontology._VocabularyResolverMixin.load_cv", fetched)
    assert len(read(tmp_path, HEADER + CAFFEINE)[0]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "before the first spectrum: it is not mzSpecLib as text or JSON .the file is empty"),
        ("BEGIN IONS", "begins with neither"),
        ("<html>", "it is not mzSpecLib"),
        ('{"spectra": [', "it is not mzSpecLib"),
        ("{}", "it is not mzSpecLib"),
        ("<mzSpecLib>\nno attribute\n", "Malformed attribute line"),
    ],
)
def test_other_files(tmp_path, text, message):
    with pytest.raises(UnreadableFile, match=message) as caught:
        read(tmp_path, text)
    assert caught.value.path.endswith("library.mzSpecLib.txt")


def test_truncated_gzip(tmp_path):
    path = tmp_path / "library.mzSpecLib.txt.gz"
    packed = gzip.compress((HEADER + "".join(entry(n) for n in range(1, 3000))).encode())
    path.write_bytes(packed[: len(packed) * 3 // 4])
    with pytest.raises(UnreadableFile, match=r"after spectrum \d+: "):
        read(path)


def test_fixture_of_small_molecules():
    path = FIXTURES / "spice.mzSpecLib.txt"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    rows, problems = read(path)
    assert problems == []
    assert [row["native_id"] for row in rows] == [str(n) for n in range(1, 12)]
    assert {row["ion_mode"] for row in rows} == {"positive"}
    assert all(row["precursor_mz"] and row["charge"] == 1 for row in rows)
    assert [row["formula"] is None for row in rows] == [False] * 9 + [True] * 2
    assert len(rows[0]["mz"]) == 51


def test_fixture_of_peptides():
    path = FIXTURES / "fetal_brain_tiny.mzSpecLib.json"
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    rows, problems = read(path)
    assert problems == []
    assert len(rows) == 21
    stored = json.loads(path.read_text())["spectra"]
    assert [row["mz"] for row in rows] == [spectrum["mzs"] for spectrum in stored]
    assert {(row["instrument"], row["collision_energy"], row["smiles"]) for row in rows} == {("LTQ Velos", "39 eV", None)}
