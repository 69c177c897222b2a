"""Answers as mzTab-M and as GNPS lists them, and tables that spreadsheets do not spoil."""

import csv

import pytest
from pyteomics.mztab import MzTab

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.exports.spreadsheets import safe_text
from spectradb.store.statements import to_arrow


def rows_of(lab, query, *columns):
    table = to_arrow(lab.connection(), schemas.read(query), {"search": "first"})
    return [tuple(row.values()) for row in table.select(list(columns)).to_pylist()]


@pytest.mark.covers("queries/mztab/evidence")
def test_evidence_has_every_rank(tiny_lab):
    columns = ("run_number", "native_id", "rank", "database_identifier", "charge")
    assert sorted(rows_of(tiny_lab, "queries/mztab/evidence", *columns)) == [
        (1, "coffee:1", 1, "reference:R2", 1),
        (1, "coffee:1", 2, "reference:R3", 1),
        (1, "coffee:2", 1, "reference:R1", 1),
        (1, "coffee:2", 2, "reference:R3", 1),
        (1, "coffee:3", 1, "reference:R5", 1),
        (1, "coffee:4", 1, "reference:R3", 1),
        (1, "coffee:4", 2, "reference:R1", 1),
        (2, "lemon:1", 1, "reference:R7", -1),
        (2, "lemon:2", 1, "reference:R8", -1),
    ]
    assert rows_of(tiny_lab, "queries/mztab/evidence", "sme_id") == [(number,) for number in range(1, 10)]


@pytest.mark.covers("queries/mztab/runs")
def test_runs_are_numbered_by_name(tiny_lab):
    assert rows_of(tiny_lab, "queries/mztab/runs", "run_id", "file_name", "ion_mode", "sample", "sample_group") == [
        ("kitchen/coffee_1", "coffee_1.mgf", "positive", "coffee", "drink"),
        ("kitchen/lemon_1", "lemon_1.mgf", "negative", "lemon", "fruit"),
    ]


@pytest.mark.covers("queries/mztab/search")
def test_search_is_named_with_its_library(tiny_lab):
    columns = ("search_id", "study", "library", "method", "model", "ppm", "origin", "licence")
    assert rows_of(tiny_lab, "queries/mztab/search", *columns) == [
        ("first", "kitchen", "reference", "embedding", "binned", 10.0, "made up", "CC0")
    ]


@pytest.fixture(scope="module")
def mztab(tiny_lab, tmp_path_factory):
    file = tmp_path_factory.mktemp("mztab") / "x.mztab"
    report = tiny_lab.export("identifications", file)
    assert report.lines() == [f"9 rows of candidates (search first) written to {file}"]
    return file


def test_mztab_is_read_by_pyteomics(mztab):
    told = MzTab(str(mztab))
    assert (told.version, told.variant) == ("2.0.0-M", "M")
    molecules, features, evidence = (
        told.small_molecule_table,
        told.small_molecule_feature_table,
        told.small_molecule_evidence_table,
    )
    assert (len(molecules), len(features), len(evidence)) == (5, 6, 9)
    leucine = molecules[molecules["chemical_name"] == "D-Leucine"].iloc[0]
    assert (leucine["chemical_formula"], leucine["adduct_ions"], leucine["reliability"]) == ("C6H13NO2", "[M+H]+", 2)
    assert len(leucine["SMF_ID_REFS"].split("|")) == 2
    assert told.metadata["study_variable[1]-assay_refs"] == "assay[1]"


def test_every_reference_in_mztab_is_there(mztab):
    lines = [line.split("\t") for line in mztab.read_text().splitlines() if line]
    pairs = (("SML", "SMH"), ("SMF", "SFH"), ("SME", "SEH"))
    heads = {line[0]: line for line in lines if line[0][-1] == "H"}
    cells = {kind: [line for line in lines if line[0] == kind] for kind, _ in pairs}
    rows = {kind: [dict(zip(heads[head], line, strict=True)) for line in cells[kind]] for kind, head in pairs}
    keys = {kind: [row[f"{kind}_ID"] for row in rows[kind]] for kind, _ in pairs}
    assert sorted(ref for row in rows["SML"] for ref in row["SMF_ID_REFS"].split("|")) == sorted(keys["SMF"])
    assert sorted(ref for row in rows["SMF"] for ref in row["SME_ID_REFS"].split("|")) == sorted(keys["SME"])
    runs = {line[1] for line in lines if line[0] == "MTD"}
    for row in rows["SME"]:
        run = row["spectra_ref"].partition(":")[0]
        assert {f"{run}-location", f"{run}-scan_polarity[1]"} <= runs
        assert row["database_identifier"].startswith("reference:")


def test_mztab_is_of_one_search(tiny_lab, tmp_path):
    for what, options, told in (
        ("spectra", {}, "mzTab has the answers of a search, with all their candidates: export identifications"),
        ("identifications", {"study": "reference"}, "mzTab has the answers of one search; the lab has none"),
    ):
        with pytest.raises(BadParameter, match=told):
            tiny_lab.export(what, tmp_path / "x.mztab", **options)


@pytest.mark.covers("queries/lab/exported_gnps")
def test_exported_gnps_has_the_columns_of_its_library_search(tiny_lab, tmp_path):
    tiny_lab.export("identifications", tmp_path / "x.tsv", file_format="gnps")
    answered = tiny_lab.sql("FROM identifications WHERE native_id = 'lemon:2'")  # noqa: F841 - read by name
    one = (
        tiny_lab.connection().sql(schemas.read("queries/lab/exported_gnps")).select('"#Scan#"', '"SpectrumID"', '"SharedPeaks"')
    )
    assert one.fetchall() == [("lemon:2", "R8", 1)]
    with (tmp_path / "x.tsv").open(newline="") as table:
        rows = {row["#Scan#"]: row for row in csv.DictReader(table, delimiter="\t")}
    assert len(rows) == 6
    names = ("SpectrumID", "Compound_Name", "Adduct", "LibraryName", "SharedPeaks", "Precursor_MZ", "SpecMZ", "IonMode")
    assert [rows["coffee:1"][name] for name in names] == [
        *("R2", "L-Leucine", "[M+H]+", "reference", "4", "132.1019", "132.102", "positive"),
    ]
    assert rows["coffee:1"]["InChIKey-Planar"] == "ROHFNLRQFUQHCH"
    assert float(rows["coffee:1"]["MZErrorPPM"]) == pytest.approx(0.757, abs=1e-3)
    with pytest.raises(BadParameter, match="export identifications"):
        tiny_lab.export("candidates", tmp_path / "x.tsv", file_format="gnps")


@pytest.mark.covers("views/answers/candidates")
def test_candidates_keep_every_rank(tiny_lab, tmp_path):
    rows = tiny_lab.sql(
        "SELECT native_id, rank, name, library_native_id FROM candidates WHERE run_id = 'kitchen/coffee_1' ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("coffee:1", 1, "L-Leucine", "R2"),
        ("coffee:1", 2, "L-Isoleucine", "R3"),
        ("coffee:2", 1, "D-Leucine", "R1"),
        ("coffee:2", 2, "L-Isoleucine", "R3"),
        ("coffee:3", 1, "Caffeine", "R5"),
        ("coffee:4", 1, "L-Isoleucine", "R3"),
        ("coffee:4", 2, "D-Leucine", "R1"),
    ]
    shared = "query_id, analyte_id, name, adduct, score, library_native_id, precursor_mz, library_precursor_mz"
    best = tiny_lab.sql(f"SELECT {shared} FROM candidates WHERE rank = 1 ORDER BY query_id").fetchall()
    assert best == tiny_lab.sql(f"SELECT {shared} FROM identifications ORDER BY query_id").fetchall()
    assert tiny_lab.export("candidates", tmp_path / "x.csv").searches == ("first",)


@pytest.mark.parametrize(
    "text",
    [
        "50-00-0",
        "1:10",
        "1e5",
        "1234567890123456789",
        "1-2",
        "MAR1",
        "2-Sep",
        "=1+1",
        "-omics",
        "@x",
        "+1",
        "TRUE",
        "1.5",
        "3/4",
        "(12)",
        "10:30 AM",
    ],
)
def test_text_that_excel_would_change_stays_text(text):
    assert safe_text(text) == f'="{text}"'


@pytest.mark.parametrize(
    "text",
    [
        "[M+H]+",
        "C8H10N4O2",
        "Caffeine",
        "2-Aminobenzoic acid",
        "",
        "March",
        "1,3-Dimethyluric acid",
        "coffee:1",
        "R2",
        "(-)-Menthol",
    ],
)
def test_other_text_is_left_as_it_is(text):
    assert safe_text(text) == text


def test_long_text_is_no_formula():
    assert safe_text("=" + "C" * 300) == "'=" + "C" * 300
    assert safe_text('="x"') == '="=""x"""'


def test_safe_csv_marks_its_encoding_and_keeps_identifiers(tiny_lab, tmp_path):
    report = tiny_lab.export("identifications", tmp_path / "x.csv", safe_csv=True)
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    keys = {f'="{key}"' for (key,) in tiny_lab.sql("SELECT query_id::VARCHAR FROM identifications").fetchall()}
    assert (report.rows, {row["query_id"] for row in rows}) == (6, keys)
    assert {"Caffeine", "D-Leucine"} <= {row["name"] for row in rows}
    with pytest.raises(BadParameter, match=r"only .csv is written for spreadsheets"):
        tiny_lab.export("identifications", tmp_path / "x.tsv", safe_csv=True)


def test_a_workbook_is_read_by_another_package(tiny_lab, tmp_path):
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    report = tiny_lab.export(
        "SELECT *, '=1+1' AS risky, '50-00-0' AS cas FROM spectra WHERE collection = 'kitchen'", tmp_path / "x.xlsx"
    )
    assert report.rows == 7
    (note,) = report.notes
    assert note.startswith("left out, as no cell holds lists: mz, intensity")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    head, *rows = sheet.iter_rows(values_only=True)
    assert not {"mz", "intensity"} & set(head)
    told = [dict(zip(head, row, strict=True)) for row in rows]
    keys = {key for (key,) in tiny_lab.sql("SELECT spectrum_id::VARCHAR FROM spectra WHERE collection = 'kitchen'").fetchall()}
    assert {row["spectrum_id"] for row in told} == keys
    assert {(row["risky"], row["cas"]) for row in told} == {("=1+1", "50-00-0")}
    assert {row["precursor_mz"] for row in told if row["native_id"] == "coffee:1"} == {132.102}
    assert {cell.data_type for cell in sheet[2] if cell.value == "=1+1"} == {"s"}
