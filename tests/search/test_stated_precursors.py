"""A library spectrum whose stated precursor disagrees with structure and adduct: where it is found, and where it asks."""

import pytest
from empty_lab import empty_lab

from spectradb.search.methods.spectrum_peaks import read_both_sides
from spectradb.workspace.connection import open_published

CAFFEINE, LEUCINE = "RYYVLZVUVIJVGH", "ROHFNLRQFUQHCH"

# Native id, laboratory, SMILES, precursor as stated, peaks. The nominal one of C2 hides it from what is measured at 195.0877.
LIBRARY = [
    ("C1", "Aa", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "195.0877", [(110.07, 30), (138.0662, 100)]),
    ("C2", "Bb", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "195.0", [(110.07, 60), (138.0662, 100)]),
    ("C3", "Cc", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", None, [(110.07, 90), (138.0662, 100)]),
    ("L1", "Aa", "CC(C)C[C@H](N)C(=O)O", "132.1019", [(43.05, 10), (86.0964, 100)]),
]
QUERY = """BEGIN IONS
TITLE=unknown
PEPMASS=195.0876
IONMODE=positive
110.0700 60
138.0662 100
END IONS
"""


def record(native_id, laboratory, smiles, precursor_mz, peaks):
    lines = [f"TITLE={native_id}", f"CONTRIBUTOR={laboratory}", f"SMILES={smiles}", "ADDUCT=[M+H]+", "IONMODE=positive"]
    lines += [f"PEPMASS={precursor_mz}"] if precursor_mz else []
    return "\n".join(["BEGIN IONS", *lines, *(f"{mz} {height}" for mz, height in peaks), "END IONS\n"])


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("precursors")
    rows = " UNION ALL ".join(
        f"SELECT '{native_id}' AS native_id, '{laboratory}' AS contributor, '{smiles}' AS smiles, '[M+H]+' AS adduct, "
        f"{precursor_mz or 'NULL'} AS precursor_mz, 'positive' AS ion_mode, "
        f"{[mz for mz, _ in peaks]} AS mz, {[height for _, height in peaks]} AS intensity"
        for native_id, laboratory, smiles, precursor_mz, peaks in LIBRARY
    )
    (folder / "one.csv").write_text("one\n1\n")
    (folder / "unknown.mgf").write_text(QUERY)
    made = empty_lab(folder / "lab")
    report = made.import_library("known", folder / "one.csv", select=f"SELECT made.* FROM ({rows}) AS made, '{{file}}'")
    assert {reason: n for reason, n, _ in report.by_reason("changed")} == {"precursor_computed": 1, "precursor_disagrees": 1}
    made.import_study("asked", folder / "unknown.mgf")
    made.embed("binned")
    return made


def test_both_are_kept_with_which_is_used(lab):
    rows = lab.sql(
        "SELECT native_id, round(precursor_mz, 4), precursor_mz_stated, round(precursor_mz_computed, 4), precursor_source "
        "FROM spectra WHERE collection = 'known' ORDER BY native_id"
    ).fetchall()
    assert rows == [
        ("C1", 195.0877, 195.0877, 195.0877, "stated"),
        ("C2", 195.0877, 195.0, 195.0877, "computed"),
        ("C3", 195.0877, None, 195.0877, "computed"),
        ("L1", 132.1019, 132.1019, 132.1019, "stated"),
    ]
    listed = lab.sql("SELECT precursor_source FROM spectrum_list WHERE collection = 'known' ORDER BY native_id").fetchall()
    assert listed == [("stated",), ("computed",), ("computed",), ("stated",)]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"engine": "native"},
        {"method": "cosine_greedy"},
        {"method": "modified_cosine"},
        {"method": "fused", "settings": {"weight": 0.5}},
        {"method": "merged", "settings": {"spectra": 1}},
        {"method": "refined", "settings": {"strength": 0.0, "spectra": 1}},
        {"ppm": None},
    ],
    ids=str,
)
def test_a_query_finds_it_at_the_computed_one_and_is_told(lab, how, request):
    if how.get("engine") == "native":
        request.getfixturevalue("extension")
    search = lab.identify("asked", "known", **how).search_id
    [row] = lab.sql(
        "SELECT analyte_id, library_native_id, round(ppm_error, 1), round(library_precursor_mz, 4), precursor_source, "
        f"precursor_mz FROM identifications WHERE search_id = '{search}'"
    ).fetchall()
    assert row == (CAFFEINE, "C2", pytest.approx(0.3, abs=0.05), 195.0877, "computed", 195.0876)


@pytest.mark.parametrize("how", [{}, {"method": "cosine_greedy"}, {"ppm": None}], ids=str)
def test_an_ad_hoc_search_finds_it_and_is_told(lab, how):
    found = lab.search([110.07, 138.0662], [60, 100], 195.0876, ion_mode="positive", library="known", **how)
    best = found.to_pylist()[0]
    assert (best["library_native_id"], best["precursor_source"]) == ("C2", "computed")
    assert best["library_precursor_mz"] == pytest.approx(195.087652, abs=1e-6)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"method": "cosine_greedy"},
        {"method": "fused", "settings": {"weight": 0.5}},
        {"method": "merged"},
        {"method": "refined"},
    ],
    ids=str,
)
def test_as_a_query_of_its_own_library_it_asks_at_the_stated_one(lab, how):
    search = lab.identify("known", "known", left_out="contributor", **how).search_id
    answered = lab.sql(
        "SELECT DISTINCT q.native_id FROM hits INNER JOIN spectra AS q ON q.spectrum_id = query_id "
        f"WHERE search_id = '{search}' ORDER BY 1"
    ).fetchall()
    # C2 says 195.0, where nothing lies; the others have other laboratories' caffeine, also C2.
    assert answered == [("C1",), ("C3",)]
    truth = lab.sql(
        f"SELECT q.native_id, answerable FROM search_truth('{search}') "
        "INNER JOIN spectra AS q ON q.spectrum_id = query_id ORDER BY 1"
    ).fetchall()
    assert truth == [("C1", True), ("C2", False), ("C3", True), ("L1", False)]


def test_an_open_search_of_the_library_by_itself_measures_from_the_stated_one(lab):
    search = lab.identify("known", "known", ppm=None, k=1).search_id
    rows = lab.sql(
        "SELECT q.native_id, round(ppm_error) FROM hits INNER JOIN spectra AS q ON q.spectrum_id = query_id "
        f"WHERE search_id = '{search}' AND q.native_id IN ('C1', 'C2') ORDER BY 1"
    ).fetchall()
    assert rows == [("C1", 0.0), ("C2", 449.0)]


def test_scores_of_peaks_see_the_stated_precursor_of_a_query(lab):
    (ids, queries), (same, library) = read_both_sides(open_published(lab.published), "known")
    assert ids.tolist() == same.tolist()
    names = dict(lab.sql("SELECT spectrum_id, native_id FROM spectra").fetchall())
    place = [names[spectrum_id] for spectrum_id in ids.tolist()].index("C2")
    assert (queries.precursor_mz[place], round(library.precursor_mz[place], 4)) == (195.0, 195.0877)


def test_where_it_makes_no_difference_both_sides_are_one(lab):
    queries, library = read_both_sides(open_published(lab.published), "asked")
    assert queries is library


def test_a_tolerance_of_the_import_decides(lab, tmp_path):
    for native_id, laboratory, smiles, precursor_mz, peaks in LIBRARY[:2]:
        (tmp_path / f"{native_id}.mgf").write_text(record(native_id, laboratory, smiles, precursor_mz, peaks))
    files = sorted(tmp_path.glob("*.mgf"))
    wide = empty_lab(tmp_path / "wide")
    wide.import_library("known", files, precursor_tolerance="0.1 Da")
    exact = empty_lab(tmp_path / "exact")
    exact.import_library("known", files, precursor_tolerance="0 ppm", processes=2)
    asked = "SELECT native_id, precursor_source, precursor_check FROM spectra ORDER BY native_id"
    assert wide.sql(asked).fetchall() == [("C1", "stated", "agrees"), ("C2", "stated", "agrees")]
    assert exact.sql(asked).fetchall() == [("C1", "computed", "disagrees"), ("C2", "computed", "disagrees")]
