"""Every real file at hand imports, spectrum by spectrum accounted for, or fails with the file, the place and a remedy."""

import re

import pytest
from empty_lab import empty_lab
from made_files import one

from spectradb import schemas
from spectradb.errors import NoSpectra
from spectradb.ingest.importer import ImportSettings, import_files

pytestmark = pytest.mark.long

# File: spectra read and kept when imported as a study, and those dropped by reason. Where none is kept the import must fail.
STUDIES = {
    "fixtures/json/gnps_faulknerlegacy.json": (127, 127, {}),
    "fixtures/json/gnps_spectra.json": (5, 5, {}),
    "fixtures/json/mona_curated_records.json": (50, 50, {}),
    # One peak of one record is damaged: "55.01762]81867839".
    "fixtures/mgf/agilent.mgf": (85, 84, {"unreadable_record": 1}),
    "fixtures/mgf/metaboscape_lipids.mgf": (2502, 2502, {}),
    "fixtures/mgf/msdial_pasef.mgf": (842, 842, {}),
    "fixtures/mgf/pesticides.mgf": (76, 76, {}),
    "fixtures/mgf/progenesis_sonar.mgf": (625, 624, {"no_peaks": 1}),
    "fixtures/mgf/proteomics_small.mgf": (35, 35, {}),
    "fixtures/mgf/testdata.mgf": (30, 30, {}),
    # GC-MS: electron ionisation has no precursor.
    "fixtures/msp/MoNA-export-GC-MS-first10.msp": (10, 0, {"ms1": 10}),
    "fixtures/msp/comments_with_quotes.msp": (1, 0, {"no_precursor_mz": 1}),
    "fixtures/msp/golm.msp": (3, 0, {"no_precursor_mz": 3}),
    "fixtures/msp/massbank_five_spectra.msp": (5, 5, {}),
    "fixtures/msp/multiline_semicolon.msp": (2, 0, {"no_precursor_mz": 2}),
    "fixtures/msp/progenesis_sonar.msp": (742, 740, {"no_peaks": 2}),
    "fixtures/msp/riken_style_five_spectra.msp": (5, 5, {}),
    # Its precursors state nothing but a dissociation method.
    "fixtures/mzml/negative_glucolesquerellin.mzML": (60, 0, {"no_precursor_mz": 60}),
    # The first numpress examples have no precursors, the third windows of 25, and Waters' of 1,150.
    "fixtures/mzml/numpress_a.mzML": (10, 0, {"ms1": 4, "no_precursor_mz": 6}),
    "fixtures/mzml/numpress_b.mzML": (10, 0, {"ms1": 4, "no_precursor_mz": 6}),
    "fixtures/mzml/numpress_c.mzML": (100, 0, {"ms1": 50, "wide_isolation_window": 50}),
    "fixtures/mzml/openms_assay_generator_metabo.mzML": (259, 213, {"ms1": 46}),
    "fixtures/mzml/sciex_no_mz_range_cv.mzML": (2, 1, {"ms1": 1}),
    "fixtures/mzml/small_profile_centroid.mzML.gz": (48, 34, {"ms1": 14}),
    # Cut by its makers: the list announces more spectra than follow.
    "fixtures/mzml/testdata.mzml": (13, 10, {"ms1": 2, "unreadable_record": 1}),
    "fixtures/mzml/thermo_dda_gnps_export_1.mzML": (425, 319, {"ms1": 106}),
    "fixtures/mzml/three_test_scans.mzML": (3, 0, {"ms1": 1, "profile_peaks": 2}),
    "fixtures/mzml/waters_centroid_no_index.mzML": (100, 0, {"ms1": 51, "wide_isolation_window": 49}),
    "fixtures/mzml/waters_centroid_uncompressed.mzML": (100, 0, {"ms1": 51, "wide_isolation_window": 49}),
    "fixtures/mzspeclib/fetal_brain_tiny.mzSpecLib.json": (21, 21, {}),
    "fixtures/mzspeclib/spice.mzSpecLib.txt": (11, 11, {}),
    "fixtures/mzxml/testdata.mzXML": (6, 4, {"ms1": 1, "unreadable_record": 1}),
    "libraries/embl_mcf_negative.msp": (302, 302, {}),
    "libraries/gnps_100.mgf": (100, 100, {}),
    "libraries/miadb_monomers.mgf": (321, 321, {}),
}

# The same for annotated files imported as a library; records without a structure come in by their names.
LIBRARIES = {
    "fixtures/json/gnps_faulknerlegacy.json": (127, 127, {}),
    "fixtures/json/gnps_spectra.json": (5, 5, {}),
    "fixtures/json/mona_curated_records.json": (50, 50, {}),
    "fixtures/mgf/pesticides.mgf": (76, 76, {}),
    "fixtures/mgf/testdata.mgf": (30, 30, {}),
    "fixtures/msp/massbank_five_spectra.msp": (5, 5, {}),
    "fixtures/msp/riken_style_five_spectra.msp": (5, 5, {}),
    "libraries/embl_mcf_negative.msp": (302, 302, {}),
    "libraries/gnps_100.mgf": (100, 100, {}),
    "libraries/miadb_monomers.mgf": (321, 321, {}),
}

# What can still be had from broken files, and what is said about the rest. Those with missing parts end like sound ones.
BROKEN = {
    "corrupt.mzML": (2, 0, "the file announces 10 spectra and holds 1: it may have been cut"),
    "empty.mzML": (0, 0, "the file is empty. Check that the download or copy is complete"),
    "truncated_a.mzML": (6, 5, "the file announces 583 spectra and holds 5: it may have been cut"),
    "truncated_b.mzML": (
        7,
        4,
        "the index is said to lie at byte 5098921 of a file of 719549 bytes: spectra may have been cut out",
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with empty_lab(tmp_path_factory.mktemp("fixtures") / "lab") as made:
        yield made


def file_of(shared_data, name):
    path = shared_data / name
    if not path.is_file():
        pytest.skip(f"{name} is not on this machine")
    return path


def check(lab, path, kind, collection, expected):
    n_read, n_kept, dropped = expected
    assert n_read == n_kept + sum(dropped.values())
    settings = ImportSettings(collection, kind, ion_mode="positive")
    if n_kept == 0:
        with pytest.raises(NoSpectra) as raised:
            import_files(lab.record, lab.locks, [path], settings)
        message = str(raised.value)
        for reason, n in dropped.items():
            assert re.search(rf"dropped +{n}  {reason}: .+\. .+\. \(first: {re.escape(path.name)}, \w+ \d+", message), message
        return
    report = import_files(lab.record, lab.locks, [path], settings)
    assert report.failures == []
    assert (report.n_read, report.n_kept, {reason: n for reason, n, _ in report.by_reason("dropped")}) == expected
    stored = lab.record.dataset("spectra").count_rows(f"collection = '{collection}'")
    assert stored == n_kept


@pytest.mark.parametrize("name", STUDIES)
def test_as_a_study(lab, shared_data, name):
    check(lab, file_of(shared_data, name), "study", f"study{list(STUDIES).index(name)}", STUDIES[name])


@pytest.mark.parametrize("name", LIBRARIES)
def test_as_a_library(lab, shared_data, name):
    check(lab, file_of(shared_data, name), "library", f"library{list(LIBRARIES).index(name)}", LIBRARIES[name])


def test_what_was_stored_is_sound(lab, shared_data):
    lab.publish()
    unsound = """
        SELECT collection, native_id FROM spectra
        WHERE NOT (precursor_mz > 0 AND n_peaks = len(mz) AND n_peaks = len(intensity) AND n_peaks > 0 AND mz = list_sort(mz)
            AND list_min(intensity) > 0 AND ion_mode IN ('positive', 'negative') AND sign(coalesce(charge, 0)) IN
            (0, CASE ion_mode WHEN 'positive' THEN 1 ELSE -1 END))"""
    assert one(lab, unsound) == []
    assert one(lab, "SELECT count(*) = count(DISTINCT spectrum_id) FROM spectra") == [True]
    n_kept = sum(kept for _, kept, _ in (*STUDIES.values(), *LIBRARIES.values()))
    assert one(lab, "SELECT count(*) FROM spectra") == [n_kept]


def test_no_file_is_left_out(shared_data):
    folders = (shared_data / "fixtures", shared_data / "libraries")
    found = {str(path.relative_to(shared_data)) for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith("fixtures/broken/")} == set(STUDIES)
    assert {name.rpartition("/")[2] for name in found if name.startswith("fixtures/broken/")} == set(BROKEN)


def test_broken_files_cost_only_themselves(fresh_lab, shared_data):
    good = file_of(shared_data, "fixtures/mzml/sciex_no_mz_range_cv.mzML")
    report = fresh_lab.import_study("st", [shared_data / "fixtures" / "broken", good], ion_mode="positive")
    found = {}
    for name in BROKEN:
        mine = [o for o in report.outcomes if o.file_name == name]
        n = {kind: sum(o.n for o in mine if o.outcome == kind) for kind in ("read", "kept")}
        told = " ".join(o.explanation if o.outcome == "failed" else o.example for o in mine if "unreadable" in o.reason)
        assert BROKEN[name][2] in told
        found[name] = n["read"], n["kept"]
    assert found == {name: (n_read, n_kept) for name, (n_read, n_kept, _) in BROKEN.items()}
    assert [failure.file_name for failure in report.failures] == ["empty.mzML"]
    assert str(shared_data / "fixtures" / "broken" / "empty.mzML") in report.failures[0].explanation
    assert one(fresh_lab, "SELECT name, n_spectra FROM runs ORDER BY name") == [
        ("corrupt", 0),
        ("sciex_no_mz_range_cv", 1),
        ("truncated_a", 5),
        ("truncated_b", 4),
    ]


def test_a_tree_of_massbank_records_equals_the_table_of_the_release(fresh_lab, shared_data, tmp_path):
    records = sorted((shared_data / "massbank" / "records").glob("*.txt"))
    if not records:
        pytest.skip("the MassBank records are not on this machine")
    for i, record in enumerate(records):
        folder = tmp_path / "tree" / record.stem.split("-")[1] / str(i % 3)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / record.name).symlink_to(record)
    (tmp_path / "tree" / "README.md").write_text("no spectra here")
    report = fresh_lab.import_library("records", tmp_path / "tree")
    dropped = {reason: n for reason, n, _ in report.by_reason("dropped")}
    # MSBNK-Fiocruz-FIO01103 states no precursor, and [M+H]+ for a permanent cation.
    assert (report.n_files, report.n_read, report.n_kept, dropped) == (200, 200, 199, {"no_precursor_mz": 1})

    release = file_of(shared_data, "massbank/massbank_2025.05.1.parquet")
    massbank = schemas.statements_only("selects/massbank").strip().rstrip(";")
    names = ", ".join(f"'{record.stem}'" for record in records)
    fresh_lab.import_library("release", release, select=f"SELECT * FROM ({massbank}) WHERE native_id IN ({names})")
    columns = "native_id, precursor_mz, precursor_check, charge, ion_mode, adduct, ms_level, mz, intensity, analyte_id"
    query = f"SELECT {columns} FROM spectra WHERE collection = '{{}}' ORDER BY native_id"
    rows = one(fresh_lab, query.format("records"))
    assert {record.stem for record in records} - {row[0] for row in rows} == {"MSBNK-Fiocruz-FIO01103"}
    assert rows == one(fresh_lab, query.format("release"))
