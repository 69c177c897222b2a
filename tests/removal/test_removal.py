"""Studies, libraries, searches and models are removed with all that hangs on them, and with nothing else."""

import json
import shutil

import pyarrow as pa
import pytest
import tiny_lab as made_up
from click.testing import CliRunner
from made_files import numbered, one, published_rows
from toy_embedder import Toy, register

from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoModel, NoSearch
from spectradb.facade.lab import connect
from spectradb.removal.extent import Removal
from spectradb.removal.pending import finish, note, noted
from spectradb.store.record_schema import TABLES, table_schema

OTHER_MGF = """\
BEGIN IONS
SPECTRUMID=O1
PEPMASS=195.0877
CHARGE=1+
NAME=Koffein
SMILES=Cn1cnc2c1c(=O)n(C)c(=O)n2C
110.0713 300
138.0662 900
END IONS
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The lab of tests/made/tiny_lab.py, with another library, another model, benchmarks, and all that is made of a study."""
    folder = tmp_path_factory.mktemp("removal")
    with made_up.build(folder) as lab:
        (folder / "other.mgf").write_text(OTHER_MGF)
        lab.import_library("other", folder / "other.mgf")
        register(Toy())
        lab.embed("binned")
        lab.embed("toy")
        lab.identify("kitchen", "reference", model="toy", name="by_toy")
        lab.identify("kitchen", "other", name="in_other")
        lab.benchmark("retrieval", library="reference", study="kitchen", methods=["toy", "weighted_cosine"], resamples=2)
        lab.aggregate("kitchen", method="mean")
        lab.aggregate("kitchen", method="mean", model="toy")
        lab.record.append("calibrations", _calibration(lab, "reference-binned", "reference", "binned", "first"))
        lab.record.append("calibrations", _calibration(lab, "other-toy", "other", "toy", "somewhere"))
        for table, row in _made_of_structures().items():
            lab.record.append(table, _rows(table, row))
        lab.publish()
    return folder / "lab"


def _rows(table, *rows):
    return pa.Table.from_pylist(list(rows), schema=table_schema(table))


def _calibration(lab, name, library, model, search):
    row = dict.fromkeys(table_schema("calibrations").names)
    when = lab.record.read("searches")["started"][0].as_py()
    row |= {"calibration_id": name, "library": library, "method": "similarity_join", "model": model, "search_id": search}
    row |= {"ppm": 10.0, "fragment_tolerance_da": 0.01, "contributors": ["a"], "n_queries": 1, "n_right": 1, "answerable": 0.5}
    row |= {"answerable_found": 0.5, "terms": ["score"], "coefficients": [1.0], "n_close": 0, "ambiguous_odds": 3.0}
    return _rows("calibrations", row | {"created": when, "spectradb_version": "0"})


def _made_of_structures():
    pair = {"analyte_a": made_up.LEUCINE, "analyte_b": made_up.CAFFEINE, "distance": 9.0, "mode": 1, "threshold": 15.0}
    return {
        "mces": pair | {"solver": "made up", "seconds": 0.1, "myopic_mces_version": "0"},
        "tautomers": {"analyte_id": made_up.CITRIC_ACID, "tautomer_id": made_up.CITRIC_ACID, "rdkit_version": "0"},
    }


@pytest.fixture
def lab(template, tmp_path):
    with connect(shutil.copytree(template, tmp_path / "lab")) as lab:
        yield lab


def counts(lab):
    """Rows of the record and of the published file, table by table."""
    recorded = {table: lab.record.dataset(table).count_rows() for table in TABLES}
    published = {table: len(rows) for table, (_, rows) in published_rows(lab.published).items()}
    return recorded, published


def less(before, after):
    return {table: before[table] - after[table] for table in before if before[table] != after[table]}


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_removing_a_study(lab):
    before = counts(lab)
    report = lab.remove_study("kitchen")
    gone = {
        "hits": before[0]["hits"],
        "searches": before[0]["searches"],
        "calibrations": 1,
        "benchmarks": 1,
        "benchmark_results": before[0]["benchmark_results"],
        "sample_embeddings": 4,
        "import_log": 4,
        "runs": 2,
        "samples": 2,
        "spectra": 7,
        "imports": 1,
        "studies": 1,
        "structures": 6,
    }
    after = counts(lab)
    assert less(before[0], after[0]) == report.counts == gone
    published = {table: n for table, n in less(before[1], after[1]).items() if table != "analytes"}
    assert published == gone | {
        "peak_spectra": 7,
        "peak_index": 18,
        "loss_index": 18,
        "collection_states": 1,
    }  # derived from its spectra
    assert one(lab, "SELECT name FROM libraries ORDER BY name") == ["other", "reference"]
    assert (report.benchmarks, report.calibrations) == (("retrieval-kitchen-reference",), ("reference-binned",))
    assert {"first", "by_toy", "in_other"} < set(report.searches)
    assert one(lab, "SELECT count(*) FROM duckdb_views() WHERE view_name LIKE 'kitchen%'") == [0]
    assert noted(lab.record) == []


def test_removing_a_library_leaves_what_others_use(lab):
    report = lab.remove_library("reference")
    assert one(lab, "SELECT DISTINCT collection FROM spectra ORDER BY ALL") == ["kitchen", "other"]
    assert one(lab, "SELECT search_id FROM searches") == ["in_other"]
    assert one(lab, "SELECT calibration_id FROM calibrations") == ["other-toy"]
    # Structures as kitchen and other state them stay; salicylic acid and the names of the library go.
    assert one(lab, "SELECT count(*) FROM analytes WHERE analyte_id = 'YGSDEFSMJLZEOE'") == [0]
    assert one(lab, "SELECT DISTINCT name FROM structures WHERE name IS NOT NULL") == ["Koffein"]
    assert lab.record.dataset("mces").count_rows() == lab.record.dataset("tautomers").count_rows() == 1
    assert "mces" not in report.counts
    assert one(lab, "SELECT count(*) FROM sample_embeddings") == [4]


def test_distances_of_structures_that_nobody_has_any_more_go(lab):
    lab.remove_study("kitchen")
    assert one(lab, "SELECT count(*) FROM mces") == [1]
    assert lab.remove_library("reference").counts["mces"] == 1
    assert one(lab, "SELECT count(*) FROM mces") == one(lab, "SELECT count(*) FROM tautomers") == [0]
    assert one(lab, "SELECT analyte_id FROM analytes") == [made_up.CAFFEINE]


def test_removing_a_search(lab):
    before = counts(lab)
    report = lab.remove_search("first")
    hits = before[0]["hits"] - counts(lab)[0]["hits"]
    assert report.counts == {"hits": hits, "calibrations": 1, "searches": 1}
    assert hits > 0
    assert one(lab, "SELECT count(*) FROM hits WHERE search_id = 'first'") == [0]
    assert one(lab, "SELECT count(*) FROM benchmarks") == [1]
    compared = json.loads(one(lab, "SELECT parameters FROM benchmarks")[0])["searches"]["weighted_cosine"]
    assert lab.remove_search(compared).benchmarks == ("retrieval-kitchen-reference",)
    assert one(lab, "SELECT count(*) FROM benchmark_results") == [0]


def test_removing_a_model(lab):
    before = published_rows(lab.published)
    report = lab.remove("model", "binned")
    assert report.vectors
    assert not report.files
    assert set(report.searches) == {"first", "in_other"}
    assert one(lab, "SELECT name FROM models") == ["toy"]
    assert one(lab, "SELECT value FROM properties WHERE name = 'default_model'") == ["toy"]
    assert one(lab, "SELECT DISTINCT model FROM sample_embeddings") == ["toy"]
    assert one(lab, "SELECT calibration_id FROM calibrations") == ["other-toy"]
    assert "embedding_binned" not in published_rows(lab.published)["spectra"][0]
    assert one(lab, "SELECT count(*) FROM duckdb_views() WHERE view_name LIKE '%binned'") == [0]
    # What can be made again is made again.
    assert lab.embed("binned").n_embedded == 17
    assert published_rows(lab.published)["spectra"] == before["spectra"]
    lab.remove("model", "binned")
    lab.remove("model", "toy")
    assert lab.record.read("properties", where="name = 'default_model'").num_rows == 0


def test_a_model_that_the_lab_brought_goes_with_its_files(lab):
    for suffix in ("json", "onnx"):
        (lab.path / "models").mkdir(exist_ok=True)
        (lab.path / "models" / f"theirs.{suffix}").write_text("{}")
    assert lab.remove("model", "theirs", dry_run=True).lines() == ["model theirs would be removed: its files"]
    assert lab.remove("model", "theirs").files
    assert list((lab.path / "models").iterdir()) == []


def test_what_was_removed_can_come_again(lab, tmp_path):
    made_up.write_files(tmp_path)
    rows = published_rows(lab.published)
    lab.remove_library("reference")
    lab.import_library("reference", tmp_path / "reference.msp", origin="made up", licence="CC0")
    lab.embed("binned")
    lab.embed("toy")
    again = published_rows(lab.published)
    assert {table: again[table] for table in ("spectra", "analytes", "structures", "libraries", "imports")} == {
        table: rows[table] for table in ("spectra", "analytes", "structures", "libraries", "imports")
    }


def test_a_dry_run_says_the_same_and_does_nothing(lab):
    before = counts(lab)
    told = lab.remove_study("kitchen", dry_run=True)
    assert counts(lab) == before
    done = lab.remove_study("kitchen")
    assert told.counts == done.counts
    assert told.lines()[0] == (
        f"study kitchen would be removed: {done.counts['hits']} hits, {done.counts['searches']} searches, 4 sample embeddings, "
        "2 runs, 2 samples, 7 spectra, 1 import, 6 structures"
    )
    assert done.lines()[-1].startswith("  the space is freed by `spectradb clean")
    assert told.lines()[2:] == [
        "  with it the calibrations reference-binned",
        "  with it the benchmarks retrieval-kitchen-reference",
    ]


def test_search_indexes_of_what_is_gone_go(lab):
    lab.indexes.mkdir()
    for name in ("reference__binned.spectra-index", "reference__toy.spectra-index", "other__toy.spectra-index"):
        (lab.indexes / name).write_text("an index")
    (lab.indexes / "reference__toy__positive.vectors").mkdir()
    lab.remove_search("first")
    assert len(list(lab.indexes.iterdir())) == 4
    lab.remove_library("reference")
    assert [path.name for path in lab.indexes.iterdir()] == ["other__toy.spectra-index"]
    lab.remove("model", "toy")
    assert list(lab.indexes.iterdir()) == []


def size(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def test_cleaning_frees_the_space(fresh_lab, tmp_path):
    fresh_lab.import_library("small", numbered(tmp_path / "small.mgf", 20))
    fresh_lab.import_study("large", numbered(tmp_path / "large.mgf", 1000, prefix="Q"))
    register(Toy(dimension=256))
    fresh_lab.embed("toy")
    fresh_lab.clean(older_than_days=0)
    with_all = size(fresh_lab.path / "lance" / "spectra.lance" / "data")
    fresh_lab.remove("model", "toy")
    assert fresh_lab.clean(older_than_days=0) > 1000 * 256 * 2
    without_vectors = size(fresh_lab.path / "lance" / "spectra.lance" / "data")
    assert without_vectors < with_all - 1000 * 256 * 2
    fresh_lab.remove_study("large")
    fresh_lab.clean(older_than_days=0)
    assert size(fresh_lab.path / "lance" / "spectra.lance" / "data") < without_vectors / 10
    assert one(fresh_lab, "SELECT count(*) FROM spectra") == [20]


def test_parts_of_a_table_are_written_anew_without_what_was_deleted(fresh_lab, tmp_path):
    fresh_lab.import_library("lib", numbered(tmp_path / "lib.mgf", 1000))
    fresh_lab.clean(older_than_days=0)
    before, rows = size(fresh_lab.path / "lance" / "spectra.lance" / "data"), fresh_lab.record.read("spectra")
    fresh_lab.record.delete("spectra", "precursor_mz < 300")
    assert fresh_lab.clean(older_than_days=0) > 0
    assert size(fresh_lab.path / "lance" / "spectra.lance" / "data") < before * 0.8
    kept = [row for row in rows.to_pylist() if row["precursor_mz"] >= 300]
    assert fresh_lab.record.read("spectra").to_pylist() == kept
    version = fresh_lab.record.version("spectra")
    fresh_lab.clean(older_than_days=0)
    assert fresh_lab.record.version("spectra") == version


# Interrupted


@pytest.mark.parametrize("n_done", range(8))
def test_a_removal_that_was_interrupted_anywhere_is_finished_by_the_next_verb(lab, monkeypatch, n_done):
    before = published_rows(lab.published)
    note(lab.record, Removal("study", "kitchen"))
    deleted, delete = [], lab.record.delete

    def failing(table, where):
        if len(deleted) == 2 * n_done:
            raise KeyboardInterrupt
        deleted.append(table)
        delete(table, where)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(lab.record, "delete", failing)
        with pytest.raises(KeyboardInterrupt):
            finish(lab.record)
    assert published_rows(lab.published) == before
    with connect(lab.path) as again:
        assert one(again, "SELECT count(*) FROM spectra WHERE collection = 'kitchen'") == [0]
        assert one(again, "SELECT count(*) FROM searches") == one(again, "SELECT count(*) FROM benchmarks") == [0]
        assert noted(again.record) == []
        assert again.record.dataset("structures").count_rows() == 7  # as reference and other state them


def test_an_import_after_a_removal_that_was_interrupted_imports(lab, tmp_path):
    made_up.write_files(tmp_path)
    note(lab.record, Removal("library", "other"))
    (tmp_path / "other.mgf").write_text(OTHER_MGF)
    assert lab.import_library("other", tmp_path / "other.mgf").n_kept == 1
    assert one(lab, "SELECT n_spectra FROM libraries WHERE name = 'other'") == [1]


# What cannot be removed


def test_what_is_not_there(lab):
    place = str(lab.path)
    cases = [
        ("study", "kichen", NoCollection, rf"{place} has no study 'kichen'; there are: kitchen\."),
        ("study", "other", NoCollection, rf"other is a library, no study\. Run `spectradb remove {place} library other`"),
        ("search", "frist", NoSearch, r"has no search 'frist'; there are: .*first"),
        ("model", "spectradb_base", NoModel, r"has no model 'spectradb_base'; there are: binned, toy"),
        ("spectrum", "R1", BadParameter, "there is no kind 'spectrum' to remove; there are: study, library, search, model"),
    ]
    before = counts(lab)
    for kind, name, error, message in cases:
        for dry_run in (False, True):
            with pytest.raises(error, match=message):
                lab.remove(kind, name, dry_run=dry_run)
    assert counts(lab) == before


def test_the_command(lab):
    result = run("remove", lab.path, "search", "frist")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    told = json.loads(run("remove", lab.path, "study", "kitchen", "--dry-run", "--json").stdout)
    assert (told["dry_run"], told["counts"]["spectra"]) == (True, 7)
    assert run("remove", lab.path, "study", "kitchen").stdout.startswith("study kitchen removed: ")
    assert run("remove", lab.path, "library", "other", "--quiet").stdout == ""
    assert json.loads(run("info", lab.path, "--json").stdout)["studies"] == []
