import shutil

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from made_files import numbered, one, published_rows
from toy_embedder import Toy, register

from spectradb import connect as connect_at_top
from spectradb.cli import main
from spectradb.errors import BadParameter, LabExists, NoCollection, NoEmbedding, NoLab, NoModel, NoSpectra
from spectradb.facade.lab import Lab, connect
from spectradb.models import registry
from spectradb.store.publishing.publish import SOURCES


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A lab with a library, a study and vectors."""
    directory = tmp_path_factory.mktemp("template")
    with connect(directory / "lab", create=True) as made:
        made.import_library("lib", numbered(directory / "lib.mgf", 20))
        made.import_study("st", numbered(directory / "st.mgf", 10, prefix="Q", first=4))
        made.embed()
    return directory


@pytest.fixture
def lab(template, tmp_path):
    """A copy of it for one test, beside the files it was made from."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy


# Making and opening


def test_connect_makes_a_lab_only_when_asked(tmp_path):
    path = tmp_path / "lab"
    with pytest.raises(NoLab) as raised:
        connect_at_top(path)
    assert str(raised.value) == f"{path} is no lab. Make one with `spectradb init {path}`, or with connect(path, create=True)."
    assert not path.exists()
    with connect_at_top(str(path), create=True) as made:
        assert repr(made) == f"Lab({str(path)!r})"
        assert one(made, "SELECT count(*) FROM spectra") == [0]
    assert sorted(entry.name for entry in path.iterdir()) == ["lab.duckdb", "lance", "locks"]
    before = published_rows(path / "lab.duckdb")
    connect_at_top(path, create=True).close()
    assert published_rows(path / "lab.duckdb") == before


def test_a_lab_is_not_made_among_other_files(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(LabExists, match=r"holds other files \(thesis.docx\). Choose a new or empty directory"):
        connect(tmp_path, create=True)
    file = tmp_path / "lab"
    file.touch()
    with pytest.raises(LabExists, match=r"is a file\. Choose a directory for the lab"):
        connect(file, create=True)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["lab", "thesis.docx"]


def test_making_goes_on_where_it_was_interrupted(tmp_path):
    path = tmp_path / "lab"
    for left in ("lance/properties.lance/_versions", "lance/runs.lance/data", "locks", "lab.duckdb.next.spill"):
        (path / left).mkdir(parents=True)
    (path / "lab.duckdb.next").write_text("half")
    (path / "lab.duckdb.next.wal").touch()
    assert not Lab(path).exists
    with connect(path, create=True) as made:
        assert one(made, "SELECT count(*) FROM runs") == [0]
    assert sorted(entry.name for entry in path.iterdir()) == ["lab.duckdb", "lance", "locks"]


def test_a_lab_whose_making_was_interrupted_before_it_was_published(fresh_lab):
    fresh_lab.published.unlink()
    with connect(fresh_lab.path, create=True) as made:
        assert one(made, "SELECT count(*) FROM spectra") == [0]
    made.published.unlink()
    assert "lab ready" in CliRunner().invoke(main, ["init", str(fresh_lab.path)]).stdout
    assert (fresh_lab.path / "lab.duckdb").is_file()


def test_a_lab_that_was_never_published(fresh_lab):
    fresh_lab.published.unlink()
    with connect(fresh_lab.path) as opened:
        with pytest.raises(
            NoLab, match=rf"lab.duckdb is missing: the lab was never published. Run `spectradb publish {opened.path}`"
        ):
            opened.sql("FROM spectra")
        opened.publish()
        assert one(opened, "SELECT count(*) FROM spectra") == [0]


# Reading


def test_sql_takes_parameters_and_shows_what_was_published_last(lab, tmp_path):
    assert lab.sql("SELECT count(*) FROM spectra WHERE collection = ?", ["st"]).fetchall() == [(10,)]
    assert lab.sql("SELECT count(*) FROM spectra WHERE collection = $c", {"c": "lib"}).fetchall() == [(20,)]
    other = connect(lab.path)
    other.import_library("more", numbered(tmp_path / "more.mgf", 3))
    assert one(lab, "SELECT count(*) FROM spectra") == [30]
    lab.close()
    assert one(lab, "SELECT count(*) FROM spectra") == [33]


def test_the_published_lab_is_read_only(lab):
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        lab.sql("DELETE FROM spectra")


def test_info(lab):
    lab.identify("st", "lib", name="first", ppm=100.0)
    told = lab.info()
    assert {table: len(rows) for table, rows in told.items()} == {
        "properties": 4,
        "libraries": 1,
        "studies": 1,
        "models": 1,
        "searches": 1,
    }
    assert (told["libraries"][0]["n_spectra"], told["searches"][0]["search_id"]) == (20, "first")


# Searching


def test_the_same_search_is_found_again_and_another_one_is_named_otherwise(lab):
    ids = [lab.identify("st", "lib", ppm=ppm).search_id for ppm in (100.0, 100.0, 50.0)]
    assert ids == ["st-lib-binned-100ppm", "st-lib-binned-100ppm", "st-lib-binned-50ppm"]
    assert one(lab, "SELECT search_id, count(*) FROM hits GROUP BY ALL ORDER BY ALL") == [(name, 10) for name in ids[1:]]


def test_a_killed_search_leaves_its_name_free(lab):
    lab.identify("st", "lib", name="s", ppm=100.0)
    rows = published_rows(lab.published)
    # As a search leaves them that was killed before it finished.
    lab.record.delete("searches", "search_id = 's'")
    killed = pa.Table.from_pylist(
        [
            dict(zip(rows["searches"][0], rows["searches"][1][0], strict=True))
            | {"started": 0, "finished": None, "record_version": 1}
        ],
        schema=lab.record.dataset("searches").schema,
    )
    lab.record.append("searches", killed)
    assert lab.identify("st", "lib", name="s", ppm=100.0).search_id == "s"
    assert published_rows(lab.published) == rows
    assert lab.record.read("hits").num_rows == 10


def test_a_search_killed_before_it_could_publish_is_not_doubled(lab, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(lab.files, "publish", lambda: None)
        first = lab.identify("st", "lib", name="s", ppm=100.0)
    assert one(lab, "SELECT count(*) FROM searches") == [0]
    again = lab.identify("st", "lib", name="s", ppm=100.0)
    circumstances = {"seconds": 0, "found_again": None}
    assert again.as_dict() | circumstances == first.as_dict() | circumstances
    assert one(lab, "SELECT search_id, count(*) FROM hits GROUP BY ALL ORDER BY ALL") == [("s", 10)]


def test_a_search_without_candidates_leaves_nothing(lab, tmp_path):
    lab.import_study("far", numbered(tmp_path / "far.mgf", 2, prefix="F", first=300))
    lab.embed()
    with pytest.raises(NoSpectra, match=r"none of the 2 spectra of far has a spectrum of lib within 10 ppm"):
        lab.identify("far", "lib")
    assert lab.record.read("searches").num_rows == 0


def test_what_is_missing_is_named(lab, tmp_path):
    with pytest.raises(NoCollection, match="the lab has no library or study 'nist'; it has: lib, st"):
        lab.identify("st", "nist")
    with pytest.raises(NoModel, match="there is no model 'toy'"):
        lab.identify("st", "lib", model="toy")
    with pytest.raises(NoEmbedding, match=r"no vectors by 'spectradb_small' \(it has those by: binned\). Run `spectradb"):
        lab.identify("st", "lib", model="spectradb_small")
    lab.import_library("new", numbered(tmp_path / "new.mgf", 2))
    with pytest.raises(NoEmbedding, match=r"no spectrum of new has a vector by binned. Run `spectradb embed LAB"):
        lab.identify("st", "new")
    for bad, told in (
        ({"ppm": 0.0}, "ppm is 0: it must be a number above 0"),
        ({"ppm": -1.0}, "ppm is -1: it must be a number above 0"),
        ({"k": 0}, "k is 0: give the number of analytes"),
        ({"fragment_tolerance_da": 0.0}, "fragment tolerance is 0 Da: give a number above 0"),
        ({"name": "a b"}, "search name 'a b' must be"),
    ):
        with pytest.raises(BadParameter, match=told):
            lab.identify("st", "lib", **bad)
    assert lab.record.read("searches").num_rows == 0


def test_the_default_model(lab, monkeypatch):
    monkeypatch.setattr(registry, "FACTORIES", dict(registry.FACTORIES))
    register(Toy())
    lab.embed("toy")
    assert lab.default_model == "binned"
    assert lab.identify("st", "lib", ppm=100.0).model == "binned"
    assert lab.identify("st", "lib", ppm=100.0, model="toy").model == "toy"
    registry.embedder.cache_clear()


# Keeping house


def test_cleaning_frees_room_and_loses_nothing(lab):
    before = published_rows(lab.published)
    assert lab.clean() == 0
    assert lab.clean(older_than_days=0) > 0
    lab.publish(rebuild=True)
    assert published_rows(lab.published) == before


def test_commands_of_the_lab(tmp_path):
    run = CliRunner().invoke
    path = str(tmp_path / "lab")
    assert run(main, ["info", path]).exit_code == 1
    assert run(main, ["init", path]).stdout == f"lab ready: {tmp_path / 'lab' / 'lab.duckdb'}\n"
    file = str(numbered(tmp_path / "a.mgf", 3))
    assert "3 spectra read from 1 file, 3 kept" in run(main, ["import-library", path, "lib", file]).stdout
    assert "libraries: lib: 3 spectra, 3 analytes, 0 duplicates" in run(main, ["info", path]).stdout
    n = len(SOURCES)
    assert f"(0 tables filled from the record, {n} copied)" in run(main, ["publish", path]).stdout
    assert f"({n} tables filled from the record, 0 copied)" in run(main, ["publish", path, "--rebuild"]).stdout
    assert "MB freed" in run(main, ["clean", path, "--older-than-days", "0"]).stdout
    assert run(main, ["upgrade", path]).stdout == "schema version 3 -> 3\n"
    assert run(main, ["init", path, "-q"]).stdout == ""
