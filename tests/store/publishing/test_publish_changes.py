"""Publishing in proportion to the change: whatever was done to a lab, its file shows what one that is built anew shows."""

import random
import re
import shutil
from contextlib import suppress

import duckdb
import pytest
from empty_lab import empty_lab
from made_files import entry, numbered, one, published_rows, write_mgf
from toy_embedder import Toy, register

from spectradb import schemas
from spectradb.errors import NoSpectra
from spectradb.facade.lab import connect
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.models import registry
from spectradb.store.publishing import filling_sql, publisher
from spectradb.store.publishing.publish import SOURCES


@pytest.fixture(autouse=True)
def _own_embedders(monkeypatch):
    monkeypatch.setattr(registry, "FACTORIES", dict(registry.FACTORIES))
    register(Toy("toy"), Toy("other", dimension=3))
    yield
    registry.embedder.cache_clear()


@pytest.fixture(autouse=True)
def _never_whole(monkeypatch):
    """Change files of few spectra as those of many, however often."""
    monkeypatch.setattr(publisher, "_FEW_SPECTRA", 0)
    monkeypatch.setattr(publisher, "_MOVED_SHARE", 1e9)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    directory = tmp_path_factory.mktemp("template")
    with empty_lab(directory / "lab") as made:
        made.import_library("lib", numbered(directory / "lib.mgf", 12))
        made.import_study("st", numbered(directory / "st.mgf", 8, prefix="Q", first=4))
        made.embed()
        made.identify("st", "lib", name="first", ppm=100.0)
    return directory


@pytest.fixture
def lab(template, tmp_path):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy


def objects(path):
    """Views, macros and comments of a published file."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS lab (READ_ONLY)")
        queries = (
            "SELECT schema_name, view_name, column_count, comment FROM duckdb_views()",
            "SELECT function_type, function_name, parameters, comment FROM duckdb_functions()",
            "SELECT 'table', table_name, comment FROM duckdb_tables()",
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns()",
        )
        found = [con.execute(f"{query} WHERE database_name = 'lab'").fetchall() for query in queries]
    return [sorted(rows, key=repr) for rows in found]


def check(lab, tmp_path):
    """Compare a lab's file with one that is built anew from a copy of its record."""
    lab.close()
    shutil.copytree(lab.path, tmp_path / "again", ignore=shutil.ignore_patterns("lab.duckdb*"))
    with connect(tmp_path / "again") as again:
        again.publish(rebuild=True)
        assert published_rows(lab.published) == published_rows(again.published)
        for mine, anew in zip(objects(lab.published), objects(again.published), strict=True):
            assert [row for row in mine if row not in anew] == [row for row in anew if row not in mine]
    shutil.rmtree(tmp_path / "again")


def published(lab, monkeypatch, work):
    """What the last publication did."""
    seen = []
    publish = lab.files.publish
    with monkeypatch.context() as patch:
        patch.setattr(lab.files, "publish", lambda **how: seen.append(publish(**how)))
        work()
    return seen[-1]


def test_an_import_and_its_vectors_are_put_in(lab, tmp_path, monkeypatch):
    file = write_mgf(tmp_path / "new.mgf", *(entry(f"N{i}", seed=i, precursor_mz=140.1, smiles=None) for i in range(5)))
    done = published(lab, monkeypatch, lambda: lab.import_study("st", file))
    assert done.changed == ("spectra", "peak_spectra", "peak_index", "loss_index")
    assert set(done.filled) == {
        "imports",
        "import_log",
        "models",
        "libraries",
        "studies",
        "runs",
        "collection_states",
        "samples",
        "spectrum_codewords",
        "clusterings",
        "cluster_members",
    }
    check(lab, tmp_path)
    done = published(lab, monkeypatch, lab.embed)
    assert (done.changed, done.filled) == (("spectra",), ("models",))
    check(lab, tmp_path)
    assert one(lab, "SELECT count(embedding_binned) FROM spectra") == [25]


def test_a_model_gets_a_column_and_nothing_else_is_filled(lab, tmp_path, monkeypatch):
    done = published(lab, monkeypatch, lambda: lab.embed("toy"))
    assert (done.changed, done.filled) == (("spectra",), ("models",))
    check(lab, tmp_path)
    lab.embed("other")
    register(Toy("toy", version=2))
    lab.embed("toy", refill=True)
    check(lab, tmp_path)
    lab.remove("model", "toy")
    check(lab, tmp_path)


def test_what_duplicates_another_spectrum_is_found_again(lab, tmp_path):
    lab.import_library("lib", write_mgf(tmp_path / "a.mgf", *(entry(f"D{i}", seed=50, precursor_mz=300.1) for i in range(3))))
    assert one(lab, "SELECT count(duplicate_of) FROM spectra") == [2]
    check(lab, tmp_path)
    # Another structure, and one leaves the group; then all are of another analyte but the two others.
    changed = write_mgf(tmp_path / "b.mgf", entry("D1", seed=50, precursor_mz=300.1, smiles="CCCCN"))
    lab.import_library("lib", changed, replace=True)
    assert one(lab, "SELECT count(duplicate_of) FROM spectra") == [1]
    check(lab, tmp_path)


def test_a_search_is_its_own_rows(lab, tmp_path, monkeypatch):
    done = published(lab, monkeypatch, lambda: lab.identify("st", "lib", name="second", ppm=50.0))
    assert (done.changed, done.filled) == (("hits",), ("searches",))
    check(lab, tmp_path)
    lab.identify("st", "lib", name="first", ppm=20.0, replace=True)
    check(lab, tmp_path)
    lab.remove("search", "second")
    check(lab, tmp_path)


def test_what_is_not_finished_is_put_in_when_it_is(lab, tmp_path):
    """The record has spectra before it has their import; somebody else publishes in between."""
    import_files(
        lab.record, lab.locks, [numbered(tmp_path / "late.mgf", 3, prefix="L", first=70)], ImportSettings("late", "study")
    )
    (row,) = lab.record.read("imports", where="collection = 'late'").to_pylist()
    finished = lab.record.read("imports", where="collection = 'late'")
    lab.record.delete("imports", f"import_id = '{row['import_id']}'")
    lab.publish()
    assert one(lab, "SELECT count(*) FROM spectra WHERE collection = 'late'") == [0]
    check(lab, tmp_path)
    lab.record.append("imports", finished)
    lab.publish()
    assert one(lab, "SELECT count(*) FROM spectra WHERE collection = 'late'") == [3]
    check(lab, tmp_path)


def test_a_file_that_has_not_as_many_spectra_as_the_record_is_built_anew(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(publisher.SpectraFiller, "change", lambda self, before: None)
    done = published(lab, monkeypatch, lambda: lab.import_study("st", numbered(tmp_path / "n.mgf", 2, prefix="N", first=60)))
    assert "spectra" in done.filled
    check(lab, tmp_path)


def test_most_spectra_moved_puts_all_in_their_order_again(lab, tmp_path, monkeypatch):
    order = "SELECT ion_mode, precursor_mz, spectrum_id FROM spectra"
    monkeypatch.setattr(publisher, "_MOVED_SHARE", 0.5)
    few = numbered(tmp_path / "few.mgf", 4, prefix="N", first=2)
    assert published(lab, monkeypatch, lambda: lab.import_study("st", few)).changed[0] == "spectra"
    assert one(lab, order) != sorted(one(lab, order))
    done = published(lab, monkeypatch, lambda: lab.import_study("st", numbered(tmp_path / "more.mgf", 24, prefix="M", first=5)))
    assert "spectra" in done.filled
    assert one(lab, order) == sorted(one(lab, order))
    check(lab, tmp_path)


def test_much_free_space_makes_a_new_file(lab, monkeypatch):
    monkeypatch.setattr(publisher, "_FREE_BYTES", 0)
    monkeypatch.setattr(publisher, "_FREE_SHARE", -1.0)
    before = one(lab, "SELECT * FROM spectra ORDER BY ALL")
    done = published(lab, monkeypatch, lambda: lab.identify("st", "lib", name="second", ppm=50.0))
    assert set(SOURCES) - set(done.copied) == {"searches", "hits"}
    assert one(lab, "SELECT * FROM spectra ORDER BY ALL") == before


@pytest.fixture
def edited(monkeypatch):
    """Let a SQL file have other text."""

    def edit(name, change):
        read = schemas.read
        monkeypatch.setattr(schemas, "read", lambda asked: change(read(asked)) if asked == name else read(asked))
        for cached in (filling_sql.filling_hash, filling_sql.surroundings_hash, filling_sql.comments):
            cached.cache_clear()

    yield edit
    monkeypatch.undo()
    for cached in (filling_sql.filling_hash, filling_sql.surroundings_hash, filling_sql.comments):
        cached.cache_clear()


def test_a_comment_in_a_sql_file_changes_nothing(lab, edited):
    edited("macros/similarity/nearest", lambda text: f"-- A remark.\n{text}")
    edited("tables/spectra/spectra", lambda text: f"-- A remark.\n{text}".replace("    ", "  "))
    assert lab.publish().filled == ()


def test_another_macro_is_renewed_and_no_table_filled(lab, edited, tmp_path):
    name = schemas.names("views")[0]
    edited(name, lambda text: re.sub(r"\bIS\s+'", "IS 'Anew: ", text, count=1))
    done = lab.publish()
    assert (done.filled, done.changed, done.copied) == ((), (), tuple(SOURCES))
    assert one(lab, "SELECT count(*) FROM duckdb_views() WHERE database_name = 'lab' AND comment LIKE 'Anew: %'") == [1]
    check(lab, tmp_path)


def test_another_comment_on_a_column_is_renewed_and_no_table_filled(lab, edited, tmp_path):
    edited("tables/spectra/spectra", lambda text: text.replace("IS 'Name of the library", "IS 'Anew: Name of the library"))
    assert lab.publish().filled == ()
    told = "SELECT comment FROM duckdb_columns() WHERE table_name = 'spectra' AND column_name = 'collection'"
    assert one(lab, told) == ["Anew: Name of the library or study"]
    check(lab, tmp_path)


def test_another_filling_statement_fills_its_table_and_those_that_read_it(lab, edited, tmp_path):
    edited("tables/analytes/analyte_names.fill", lambda text: text.replace("length(name), key", "key"))
    assert lab.publish().filled == ("analyte_names", "analytes")
    check(lab, tmp_path)


OPERATIONS = 8


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_any_sequence_of_changes_comes_to_what_is_built_anew(lab, tmp_path, seed):
    chance = random.Random(seed)

    def import_some(kind):
        number = chance.randrange(10**6)
        n, first = chance.randint(1, 6), chance.randint(0, 30)
        smiles = chance.choice(["CCO", "CCCCN", None]) if kind == "study" else chance.choice(["CCO", "CCCCN", "CC(C)O"])
        entries = (
            entry(f"R{i}", seed=i, precursor_mz=100.1 + i % 5, smiles=smiles, NAME=chance.choice([None, "a", "b"]))
            for i in range(first, first + n)
        )
        file = write_mgf(tmp_path / f"f{number}.mgf", *entries)
        name = chance.choice(["st", "st2"] if kind == "study" else ["lib", "lib2"])
        add = lab.import_study if kind == "study" else lab.import_library
        add(name, file, replace=chance.random() < 0.5)

    def remove(kind):
        table = {"study": "studies", "library": "libraries", "search": "searches", "model": "models"}[kind]
        names = one(lab, f"SELECT COLUMNS(lambda c: c IN ('name', 'search_id')) FROM {table}")
        if names:
            lab.remove(kind, chance.choice(names))

    def identify():
        studies, libraries = one(lab, "SELECT name FROM studies"), one(lab, "SELECT name FROM libraries")
        if studies and libraries and one(lab, "SELECT name FROM models WHERE name = 'binned'"):
            name = chance.choice(["first", "second"])
            lab.embed()
            with suppress(NoSpectra):  # none of that library's is near any of that study's
                lab.identify(chance.choice(studies), chance.choice(libraries), name=name, model="binned", ppm=100, replace=True)

    def embed():
        if one(lab, "SELECT 1 FROM spectra LIMIT 1"):
            lab.embed(chance.choice(["binned", "toy", "other"]), refill=chance.random() < 0.3)

    works = [
        *[lambda: import_some("study")] * 3,
        *[lambda: import_some("library")] * 3,
        *[embed] * 4,
        *[identify] * 3,
        *[lambda kind=kind: remove(kind) for kind in ("study", "library", "search", "model")],
    ]
    for number in range(OPERATIONS):
        chance.choice(works)()
        if number % 2:
            check(lab, tmp_path)
