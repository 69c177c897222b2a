import subprocess
import sys

import pytest
from empty_lab import empty_lab
from made_files import dropped, entry, numbered, one, published_rows, write_mgf

from spectradb.errors import BadParameter, CollectionExists, NoSpectra
from spectradb.ingest import spectra_writer
from spectradb.ingest.spectra.peaks import PeakRecipe

TRUNCATED_MZML = '<?xml version="1.0"?>\n<mzML><run><spectrumList count="2"><spectrum index="0" id="scan=1"'


def log(lab):
    """The import log in the order of files: (file, outcome, reason) to number."""
    rows = lab.sql("SELECT file_name, outcome, reason, n FROM import_log").fetchall()
    assert len({row[:3] for row in rows}) == len(rows)
    return {row[:3]: row[3] for row in rows}


# Counting


def test_every_spectrum_is_kept_or_dropped_and_logged(fresh_lab, tmp_path):
    a = write_mgf(
        tmp_path / "a.mgf",
        entry("A1", seed=1),
        entry("A2", seed=2, smiles=None),  # no structure
        entry("A3", seed=3, n_peaks=0),  # no peaks
        entry("A4", seed=4, precursor_mz=None),  # neither a precursor nor an adduct to compute it by
        entry("A5", seed=5, ion_mode=None),
        entry("A6", seed=6, MSLEVEL=1),
        entry("A7", seed=7),
    )
    b = write_mgf(
        tmp_path / "b.mgf", entry("B1", seed=11), entry("B2", seed=12), entry("B2", seed=12), "BEGIN IONS\n50 oops\nEND IONS"
    )
    report = fresh_lab.import_library("lib", [a, b])
    assert (report.n_read, report.n_kept, report.n_dropped) == (11, 4, 7)
    assert log(fresh_lab) == {
        ("a.mgf", "read", "read"): 7,
        ("a.mgf", "kept", "kept"): 2,
        ("a.mgf", "dropped", "no_structure"): 1,
        ("a.mgf", "dropped", "no_peaks"): 1,
        ("a.mgf", "dropped", "no_precursor_mz"): 1,
        ("a.mgf", "dropped", "no_ion_mode"): 1,
        ("a.mgf", "dropped", "ms1"): 1,
        ("b.mgf", "read", "read"): 4,
        ("b.mgf", "kept", "kept"): 2,
        ("b.mgf", "dropped", "repeated_record"): 1,
        ("b.mgf", "dropped", "unreadable_record"): 1,
    }


def test_places_and_remedies_stand_in_the_log(fresh_lab, tmp_path):
    file = write_mgf(tmp_path / "a.mgf", entry("A1", seed=1), entry("A2", seed=2, smiles=None))
    fresh_lab.import_library("lib", file)
    (row,) = one(fresh_lab, "SELECT example, explanation FROM import_log WHERE reason = 'no_structure'")
    assert row[0] == "line 13"
    assert "import unidentified spectra as a study" in row[1]


# Importing again


def test_the_same_import_changes_nothing(fresh_lab, tmp_path):
    file = numbered(tmp_path / "a.mgf", 30)
    first = fresh_lab.import_library("lib", file)
    before = published_rows(fresh_lab.published)
    stamp = fresh_lab.published.stat().st_mtime_ns
    again = fresh_lab.import_library("lib", file)
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.lines() == ["library lib: these files were imported before; nothing changed"]
    assert published_rows(fresh_lab.published) == before
    assert fresh_lab.published.stat().st_mtime_ns == stamp
    assert fresh_lab.record.dataset("spectra").count_rows() == 30


def test_more_files_add_only_what_is_new(fresh_lab, tmp_path):
    a = numbered(tmp_path / "a.mgf", 10)
    b = numbered(tmp_path / "b.mgf", 5, first=8)  # S8 and S9 are in both
    fresh_lab.import_library("lib", a)
    before = one(fresh_lab, "SELECT spectrum_id, native_id, mz FROM spectra ORDER BY ALL")
    report = fresh_lab.import_library("lib", [a, b])
    assert (report.n_read, report.n_kept, dropped(report)) == (15, 3, {"already_imported": 12})
    after = one(fresh_lab, "SELECT spectrum_id, native_id, mz FROM spectra ORDER BY ALL")
    assert set(map(repr, before)) < set(map(repr, after))
    assert one(fresh_lab, "SELECT count(*), count(DISTINCT spectrum_id) FROM spectra") == [(13, 13)]


def test_two_steps_store_what_one_step_stores(tmp_path):
    a, b = numbered(tmp_path / "a.mgf", 10), numbered(tmp_path / "b.mgf", 5, first=8)
    query = "SELECT * EXCLUDE (import_id, first_import_id) FROM spectra ORDER BY spectrum_id"
    with empty_lab(tmp_path / "steps") as steps, empty_lab(tmp_path / "once") as once:
        steps.import_library("lib", a)
        steps.import_library("lib", b)
        once.import_library("lib", [a, b])
        assert one(steps, query) == one(once, query)
        assert one(steps, "FROM structures ORDER BY ALL") == one(once, "FROM structures ORDER BY ALL")


def test_another_file_name_is_not_another_spectrum(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", numbered(tmp_path / "a.mgf", 4))
    report = fresh_lab.import_library("lib", numbered(tmp_path / "copy_of_a.mgf", 4))
    assert (report.unchanged, report.n_kept, dropped(report)) == (False, 0, {"already_imported": 4})


def test_another_collection_holds_its_own_copy(fresh_lab, tmp_path):
    file = numbered(tmp_path / "a.mgf", 4)
    fresh_lab.import_library("one", file)
    assert fresh_lab.import_library("two", file).n_kept == 4
    assert one(fresh_lab, "SELECT name, n_spectra FROM libraries ORDER BY name") == [("one", 4), ("two", 4)]


CHANGES = [
    *({"seed": 9}, {"smiles": "CCCO"}, {"precursor_mz": 201.0}, {"ion_mode": "negative"}, {"NAME": "other"}),
    *({"ADDUCT": "[M+H]+"}, {"RTINSECONDS": 7}, {"COLLISION_ENERGY": "20 eV"}, {"PI": "other"}),
]


def test_a_corrected_record_is_reported_and_replaces_the_stored_one_if_so_wished(fresh_lab, tmp_path):
    """Whatever of it is corrected: each record of the file in one thing."""
    old = [{"seed": 11 + i, "NAME": "one", "RTINSECONDS": 5} for i in range(len(CHANGES))]
    kept, n = entry("B", seed=2), len(CHANGES)
    v1 = write_mgf(tmp_path / "v1.mgf", *(entry(f"A{i}", **old[i]) for i in range(n)), kept)
    fresh_lab.import_library("lib", v1)
    before = one(fresh_lab, "FROM spectra ORDER BY native_id")
    changed = (entry(f"A{i}", **(old[i] | change)) for i, change in enumerate(CHANGES))
    v2 = write_mgf(tmp_path / "v2.mgf", *changed, kept, entry("C", seed=3))
    report = fresh_lab.import_library("lib", v2)
    assert (report.n_kept, dropped(report)) == (1, {"record_changed": n, "already_imported": 1})
    assert log(fresh_lab)["v2.mgf", "dropped", "record_changed"] == n
    assert one(fresh_lab, "SELECT example FROM import_log WHERE reason = 'record_changed'") == ["A0"]
    assert one(fresh_lab, "FROM spectra WHERE native_id != 'C' ORDER BY native_id") == before
    report = fresh_lab.import_library("lib", v2, replace=True)
    assert (report.n_kept, dropped(report)) == (n, {"already_imported": 2})
    assert ("record_replaced", n) in [(reason, number) for reason, number, _ in report.by_reason("changed")]
    # What is stored is what a first import of the new version stores, under the same id.
    query = "SELECT * EXCLUDE (import_id, first_import_id) FROM spectra ORDER BY native_id"
    with empty_lab(tmp_path / "new") as new:
        new.import_library("lib", v2)
        assert one(fresh_lab, query) == one(new, query)
        assert one(fresh_lab, "FROM structures ORDER BY ALL") == one(new, "FROM structures ORDER BY ALL")
    again = fresh_lab.import_library("lib", v2, replace=True)
    assert (again.n_kept, dropped(again)) == (0, {"already_imported": n + 2})


def test_the_first_version_again_is_not_called_unchanged_after_a_replacement(fresh_lab, tmp_path):
    v1 = write_mgf(tmp_path / "v1.mgf", entry("A1", seed=1))
    v2 = write_mgf(tmp_path / "v2.mgf", entry("A1", seed=2))
    fresh_lab.import_library("lib", v1)
    fresh_lab.import_library("lib", v2, replace=True)
    with pytest.raises(NoSpectra, match=r"record_changed(.|\n)*--replace"):
        fresh_lab.import_library("lib", v1)
    assert fresh_lab.import_library("lib", v1, replace=True).n_kept == 1
    assert fresh_lab.import_library("lib", v2, replace=True).n_kept == 1
    assert one(fresh_lab, "SELECT round(mz[1], 2) FROM spectra") == [60.02]


def test_a_killed_replacement_leaves_the_old_version_and_can_be_done_again(fresh_lab, tmp_path, monkeypatch):
    fresh_lab.import_library("lib", write_mgf(tmp_path / "v1.mgf", entry("A1", seed=1)))
    v2 = write_mgf(tmp_path / "v2.mgf", entry("A1", seed=2), entry("A2", seed=3))
    for killed_in in ("spectradb.ingest.importer._Import._finish", "spectradb.store.record.Record.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(killed_in, interrupt)
            with pytest.raises(KeyboardInterrupt):
                fresh_lab.import_library("lib", v2, replace=True)
        fresh_lab.publish()
        assert one(fresh_lab, "SELECT round(mz[1], 2) FROM spectra WHERE native_id = 'A1'") == [60.01]
    assert fresh_lab.import_library("lib", v2, replace=True).n_kept == 1
    assert one(fresh_lab, "SELECT native_id, round(mz[1], 2) FROM spectra ORDER BY 1") == [("A1", 60.02), ("A2", 60.03)]


def interrupt(*_, **__):
    raise KeyboardInterrupt


def test_a_replaced_spectrum_gets_a_new_vector_and_hits_keep_pointing_at_it(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", write_mgf(tmp_path / "v1.mgf", entry("A1", seed=1), entry("A2", seed=2)))
    fresh_lab.import_study("s", write_mgf(tmp_path / "s.mgf", entry("Q", seed=1)))
    fresh_lab.embed("binned")
    fresh_lab.identify("s", "lib", name="first")
    vectors = "SELECT native_id, embedding_binned FROM spectra WHERE collection = 'lib' ORDER BY 1"
    before = one(fresh_lab, vectors)
    fresh_lab.import_library("lib", write_mgf(tmp_path / "v2.mgf", entry("A1", seed=9, NAME="new")), replace=True)
    assert one(fresh_lab, vectors) == [("A1", None), before[1]]
    assert fresh_lab.embed("binned").n_embedded == 1
    after = one(fresh_lab, vectors)
    assert after[1] == before[1]
    assert after[0][1] not in {None, before[0][1]}
    assert one(fresh_lab, "SELECT library_native_id, name FROM identifications") == [("A1", "new")]


def test_repeated_identifiers_get_numbers_in_file_order(fresh_lab, tmp_path):
    a = write_mgf(tmp_path / "a.mgf", entry("X", seed=1), entry("X", seed=2), entry("X", seed=1))
    b = write_mgf(tmp_path / "b.mgf", entry("X", seed=3), entry("X", seed=2))
    report = fresh_lab.import_library("lib", [a, b])
    names = one(fresh_lab, "SELECT native_id, round(mz[1], 2) FROM spectra ORDER BY native_id")
    assert names == [("X", 60.01), ("X#2", 60.02), ("X#3", 60.03)]
    assert dropped(report) == {"repeated_record": 2}
    assert log(fresh_lab)["b.mgf", "changed", "id_repeated"] == 1
    # Imported again beside another file, they are recognised under their numbers.
    c = write_mgf(tmp_path / "c.mgf", entry("Y", seed=4))
    assert dropped(fresh_lab.import_library("lib", [a, b, c])) == {"already_imported": 5}


def test_spectra_without_identifier_of_two_files_do_not_meet(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", write_mgf(tmp_path / "a.mgf", entry(seed=1)))
    report = fresh_lab.import_library("lib", write_mgf(tmp_path / "b.mgf", entry(seed=2)))
    assert (report.n_kept, dropped(report)) == (1, {})
    assert one(fresh_lab, "SELECT native_id FROM spectra ORDER BY ALL") == ["a line 1", "b line 1"]


def test_drop_duplicates_keeps_the_first_copy(fresh_lab, tmp_path):
    a = write_mgf(tmp_path / "a.mgf", entry("A1", seed=1), entry("A2", seed=1), entry("A3", seed=1, smiles="CCCO"))
    b = write_mgf(tmp_path / "b.mgf", entry("B1", seed=1), entry("B2", seed=2))
    first = fresh_lab.import_library("lib", a, drop_duplicates=True)
    assert (first.n_kept, dropped(first)) == (2, {"duplicate_spectrum": 1})
    second = fresh_lab.import_library("lib", b, drop_duplicates=True)
    assert (second.n_kept, dropped(second)) == (1, {"duplicate_spectrum": 1})
    assert one(fresh_lab, "SELECT native_id FROM spectra ORDER BY ALL") == ["A1", "A3", "B2"]


def test_duplicates_are_kept_and_marked_without_the_option(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", write_mgf(tmp_path / "a.mgf", entry("A1", seed=1), entry("A2", seed=1)))
    ids = sorted(one(fresh_lab, "SELECT spectrum_id FROM spectra"))
    assert one(fresh_lab, "SELECT spectrum_id, duplicate_of FROM spectra ORDER BY ALL") == [(ids[0], None), (ids[1], ids[0])]
    assert one(fresh_lab, "SELECT n_spectra, n_duplicates FROM libraries") == [(2, 1)]


def test_origin_and_licence_can_be_told_later(fresh_lab, tmp_path):
    file = numbered(tmp_path / "a.mgf", 2)
    fresh_lab.import_library("lib", file, origin="the freezer")
    fresh_lab.import_library("lib", file, licence="CC0")
    assert one(fresh_lab, "SELECT origin, licence FROM libraries") == [("the freezer", "CC0")]


# Failing


@pytest.mark.parametrize("name", ["", "my lib", "a__b", "1st", "lib;", "a" * 49, "drop table", "ü", "a-b", "_a", "a_"])
def test_bad_names(fresh_lab, tmp_path, name):
    with pytest.raises(BadParameter, match="letters, digits and single underscores"):
        fresh_lab.import_library(name, numbered(tmp_path / "a.mgf", 1))


@pytest.mark.parametrize("name", ["init", "publish", "embed", "search", "spectra", "a" * 48])
def test_names_that_other_things_have_are_no_problem(fresh_lab, tmp_path, name):
    assert fresh_lab.import_library(name, numbered(tmp_path / "a.mgf", 1)).n_kept == 1


def test_a_name_belongs_to_one_kind_in_one_spelling(fresh_lab, tmp_path):
    file = numbered(tmp_path / "a.mgf", 1)
    fresh_lab.import_library("lib", file)
    with pytest.raises(
        CollectionExists, match=r"lib is the name of one of the lab's libraries. Choose another name for the study"
    ):
        fresh_lab.import_study("lib", file)
    with pytest.raises(CollectionExists, match="lib is the name of one of the lab's libraries"):
        fresh_lab.import_library("LIB", file)
    fresh_lab.import_study("st", file)
    with pytest.raises(
        CollectionExists, match=r"st is the name of one of the lab's studies. Choose another name for the library"
    ):
        fresh_lab.import_library("st", file)


def test_one_recipe_per_collection(fresh_lab, tmp_path):
    file = numbered(tmp_path / "a.mgf", 1)
    fresh_lab.import_library("lib", file)
    with pytest.raises(CollectionExists, match=r'"max_peaks": 256.*Import with the same recipe, or under another name'):
        fresh_lab.import_library("lib", file, recipe=PeakRecipe(max_peaks=3))
    assert fresh_lab.import_library("lib3", file, recipe=PeakRecipe(max_peaks=3)).n_kept == 1
    assert one(fresh_lab, "SELECT collection, n_peaks FROM spectra ORDER BY ALL") == [("lib", 5), ("lib3", 3)]


# Runs and samples


def test_chunks_do_not_show(tmp_path, monkeypatch):
    files = [numbered(tmp_path / f"{name}.mgf", 40, prefix=name) for name in "abc"]
    query = "SELECT * FROM spectra ORDER BY spectrum_id"
    found = []
    for size in (64 << 20, 1, 3000):
        monkeypatch.setattr(spectra_writer, "_CHUNK_BYTES", size)
        with empty_lab(tmp_path / f"lab{size}") as lab:
            before = lab.record.version("spectra")
            lab.import_study("st", files)
            assert lab.record.version("spectra") == before + 1
            found.append(one(lab, query))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 120


MEASURED_IMPORT = """
import resource, sys
from pathlib import Path
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.ingest import spectra_writer
from spectradb.facade.lab import connect
from spectradb.store.record import Record

spectra_writer._CHUNK_BYTES = 4 << 20
lab = connect(Path(sys.argv[1]), create=True)
import_files(lab.record, lab.locks, [Path(sys.argv[2])], ImportSettings("lib", "library"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(tmp_path):
    peak_mb = {}
    block = "\n".join(entry(f"NUMBER-{i}", seed=i, n_peaks=40, precursor_mz=200 + i % 100) for i in range(2000))
    for n in (10_000, 60_000):
        file = tmp_path / f"{n}.mgf"
        with file.open("w") as stream:
            stream.writelines(block.replace("NUMBER", str(i)) for i in range(n // 2000))
        command = [sys.executable, "-c", MEASURED_IMPORT, str(tmp_path / f"lab{n}"), str(file)]
        peak_mb[n] = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    # The 50,000 spectra more hold 40 peaks of 12 bytes each: 24 MB in Arrow, and many times that as Python objects.
    assert peak_mb[60_000] - peak_mb[10_000] < 60, peak_mb


def test_raw_data_in_a_folder_are_told(tmp_path, fresh_lab):
    folder = tmp_path / "plate"
    folder.mkdir()
    numbered(folder / "run1.mgf", 3)
    (folder / "run2.raw").write_bytes(b"?")
    (line,) = [line for line in fresh_lab.import_study("plate", folder).lines() if "raw data" in line]
    assert line.startswith("  note: 1 files or folders of a vendor's raw data were left out")
    assert "run2.raw. Convert them to centroided mzML" in line
