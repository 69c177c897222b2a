"""Broken files and files without spectra: each costs only itself, and an error says what was wrong."""

import json

import pytest
from click.testing import CliRunner
from made_files import entry, numbered, one, published_rows, write_mgf

from spectradb.cli import main
from spectradb.errors import NoSpectra, UnreadableFile
from spectradb.ingest import importer, spectra_writer

TRUNCATED_MZML = '<?xml version="1.0"?>\n<mzML><run><spectrumList count="2"><spectrum index="0" id="scan=1"'


def test_nothing_kept_is_an_error_that_says_why_and_leaves_no_trace(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", numbered(tmp_path / "good.mgf", 2))
    before = published_rows(fresh_lab.published)
    computed = {"analyte_names", "analytes", "collection_states", "loss_index", "peak_index", "peak_spectra"}
    versions = {table: fresh_lab.record.version(table) for table in before if table not in computed}
    bad = write_mgf(tmp_path / "bad.mgf", entry("A1", smiles=None), entry("A2", n_peaks=0))
    for collection in ("lib", "new"):
        with pytest.raises(NoSpectra) as raised:
            fresh_lab.import_library(collection, bad)
        message = str(raised.value)
        assert f"nothing was imported into library {collection}" in message
        assert "no_structure" in message
        assert "bad.mgf, line 1" in message
        assert "Add a SMILES" in message
    fresh_lab.publish(rebuild=True)
    assert published_rows(fresh_lab.published) == before
    assert {table: fresh_lab.record.version(table) for table in versions} == versions


def test_a_broken_file_costs_only_itself(fresh_lab, tmp_path):
    good = numbered(tmp_path / "good.mgf", 3)
    broken = tmp_path / "broken.mzML"
    broken.write_text(TRUNCATED_MZML)
    empty = tmp_path / "empty.mgf"
    empty.touch()
    report = fresh_lab.import_study("st", [broken, good, empty])
    assert (report.n_read, report.n_kept, len(report.failures)) == (3, 3, 2)
    assert one(fresh_lab, "SELECT name, n_spectra FROM runs") == [("good", 3)]
    failed = one(
        fresh_lab, "SELECT file_name, outcome, reason, n, explanation FROM import_log WHERE outcome = 'failed' ORDER BY 1"
    )
    assert [row[:4] for row in failed] == [
        ("broken.mzML", "failed", "unreadable_file", 1),
        ("empty.mgf", "failed", "unreadable_file", 1),
    ]
    for (name, *_), explanation in zip(failed, [row[4] for row in failed], strict=True):
        assert str(tmp_path / name) in explanation
    assert one(fresh_lab, "SELECT n_files, n_failed_files FROM imports") == [(3, 2)]


def test_spectra_read_before_a_file_breaks_are_not_stored(fresh_lab, tmp_path, monkeypatch):
    # Small batches and chunks: much of the file has been written when it breaks.
    monkeypatch.setattr(spectra_writer, "_CHUNK_BYTES", 2000)
    good, breaking = numbered(tmp_path / "good.mgf", 20), numbered(tmp_path / "breaking.mgf", 5000, prefix="B")
    detect = importer.formats.detect

    class Breaking:
        def __init__(self, path):
            self.path = path

        def read(self, path, problems):
            yield from detect(path).read(path, problems)
            if path == breaking:
                raise UnreadableFile(str(path), "line 9", "it ends in the middle", "Copy it again.")

    monkeypatch.setattr(importer.formats, "detect", Breaking)
    report = fresh_lab.import_library("lib", [breaking, good])
    assert (report.n_read, report.n_kept) == (20, 20)
    assert [failure.file_name for failure in report.failures] == ["breaking.mgf"]
    assert one(fresh_lab, "SELECT DISTINCT native_id[1] FROM spectra") == ["S"]
    assert fresh_lab.record.dataset("spectra").count_rows() == 20
    # Its spectra do not count as seen either: the mended file is imported whole.
    monkeypatch.setattr(importer.formats, "detect", detect)
    assert fresh_lab.import_library("lib", breaking).n_kept == 5000


def test_an_unreadable_path_costs_only_itself(fresh_lab, tmp_path, monkeypatch):
    good, locked = numbered(tmp_path / "good.mgf", 2), numbered(tmp_path / "locked.mgf", 2, prefix="L")

    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    hash_file = importer.file_sha256
    monkeypatch.setattr(importer, "file_sha256", lambda path: forbidden(path) if path == locked else hash_file(path))
    monkeypatch.setattr(
        "spectradb.ingest.readers.open_text.open_text", lambda path, **_: forbidden(path) if path == locked else path.open()
    )
    report = fresh_lab.import_library("lib", [good, locked])
    assert (report.n_kept, len(report.failures)) == (2, 1)
    assert report.failures[0].explanation == (
        f"{locked}, byte 0: the file cannot be read (Permission denied). Check the path and its permissions."
    )


def test_a_missing_file_is_named(fresh_lab, tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere\.mgf, byte 0: there is no such file or directory. Check the path"):
        fresh_lab.import_library("lib", tmp_path / "nowhere.mgf")


def test_exit_status_three_when_some_files_fail(tmp_path):
    good, empty = numbered(tmp_path / "good.mgf", 3), tmp_path / "empty.mgf"
    empty.touch()
    arguments = ["import-library", str(tmp_path / "lab"), "lib", str(good)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    result = CliRunner().invoke(main, [*arguments, str(empty), "--json"])
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert [failure["file"] for failure in told["failed_files"]] == ["empty.mgf"]
    quiet = CliRunner().invoke(main, [*arguments, str(empty), str(good), "-q"])
    assert quiet.exit_code == 3
    assert quiet.stdout == ""
    assert "empty.mgf" in quiet.stderr


def test_exit_status_one_when_nothing_is_kept(tmp_path):
    bad = write_mgf(tmp_path / "bad.mgf", entry("A1", smiles=None))
    result = CliRunner().invoke(main, ["import-library", str(tmp_path / "lab"), "lib", str(bad)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: nothing was imported into library lib")


# Names and settings
