"""Plain SQL and the native extension: the same hits, and nothing damaged, stale or foreign is ever used."""

import json
import shutil

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tiny_lab as made_up
from click.testing import CliRunner
from tiny_lab import CAFFEINE, CITRIC_ACID, ISOLEUCINE, LEUCINE, SALICYLIC_ACID

from spectradb import schemas
from spectradb.cli import main
from spectradb.errors import BadParameter, MissingDependency, UnreadableFile
from spectradb.facade.lab import connect
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.indexes.mmap_index_format import open_search_index
from spectradb.udfs import native
from spectradb.workspace.connection import open_published

SMILES = [f"{'C' * n}{group}" for n in range(1, 15) for group in ("O", "N", "C(=O)O", "S", "Cl")]


@pytest.fixture(scope="module")
def built(tmp_path_factory, extension):
    """A directory with the tiny lab; copy it to change it."""
    folder = tmp_path_factory.mktemp("engines")
    with made_up.build(folder):
        return folder / "lab"


@pytest.fixture
def lab(built, tmp_path):
    shutil.copytree(built, tmp_path / "lab")
    shutil.rmtree(tmp_path / "lab" / "indexes", ignore_errors=True)
    with connect(tmp_path / "lab") as lab:
        yield lab


def hits(lab, search_id):
    query = "SELECT * EXCLUDE (search_id) FROM hits WHERE search_id = $search ORDER BY query_id, rank"
    return lab.sql(query, {"search": search_id}).to_arrow_table()


def assert_same_hits(left, right):
    """Equal rows; scores may differ in their last digit, since each engine adds up in its own order."""
    assert left.schema == right.schema
    for column in left.column_names:
        if column in {"score", "score_gap"}:
            pairs = (np.array([np.nan if x is None else x for x in side[column].to_pylist()]) for side in (left, right))
            np.testing.assert_allclose(*pairs, atol=1e-6)
        else:
            assert left[column].to_pylist() == right[column].to_pylist(), column


def index_file(lab):
    (path,) = lab.indexes.iterdir()
    return path


def test_the_same_hits_in_the_tiny_lab(lab):
    by_sql = lab.identify("kitchen", "reference", engine="sql", name="sql")
    by_index = lab.identify("kitchen", "reference", engine="native", name="native")
    chosen = lab.identify("kitchen", "reference", name="auto")
    assert (by_index.n_queries, by_index.n_answered, by_index.n_hits) == (by_sql.n_queries, by_sql.n_answered, by_sql.n_hits)
    assert hits(lab, "sql").num_rows == 9
    assert_same_hits(hits(lab, "sql"), hits(lab, "native"))
    assert hits(lab, chosen.search_id).equals(hits(lab, "native"))
    settings = dict(lab.sql("SELECT search_id, settings FROM searches WHERE search_id <> 'first'").fetchall())
    assert settings == {"sql": None, "native": '{"engine": "native"}', "auto": '{"engine": "native"}'}
    assert index_file(lab).name == "reference__binned.spectra-index"


def test_merged_spectra_by_either_engine(lab):
    for engine in ("sql", "native"):
        lab.identify("kitchen", "reference", method="merged", settings={"spectra": 3}, engine=engine, name=engine)
    assert_same_hits(hits(lab, "sql"), hits(lab, "native"))
    settings = dict(lab.sql("SELECT search_id, settings FROM searches WHERE search_id <> 'first'").fetchall())
    assert {name: json.loads(text) for name, text in settings.items()} == {
        "sql": {"spectra": 3},
        "native": {"engine": "native", "spectra": 3},
    }


@pytest.mark.covers("queries/identify/identify_indexed")
def test_literal_hits_of_an_index(lab):
    con = open_published(lab.published)
    index = collection_index(con, lab.indexes, collection="reference", model="binned")
    assert index.precision == "half"
    statement = schemas.read("queries/identify/identify_indexed")
    values = {"search_id": "s", "ppm": 1.0, "k": 1, "fragment_tolerance_da": 0.01, "contributors": None, "query_range": None}
    values["query_ids"] = None
    values |= {"study": "kitchen", "library": "reference", "model": "binned", "spectra": 1}
    of_index = {"search_index": str(index.path), "fingerprint": index.fingerprint}
    found = con.sql(statement, params={**values, **of_index}).to_arrow_table()
    assert found.column_names == lab.connection().table("hits").columns[: len(found.column_names)]
    assert found.column_names[-1] == "score_gap"
    con.register("found", found)
    rows = con.execute(
        "SELECT search_id, q.native_id, rank, found.analyte_id, l.native_id, matched_peaks, n_candidate_analytes "
        "FROM found JOIN spectra AS q ON q.spectrum_id = query_id JOIN spectra AS l ON l.spectrum_id = library_spectrum_id "
        "ORDER BY q.native_id"
    ).fetchall()
    assert rows == [
        ("s", "coffee:1", 1, LEUCINE, "R2", 4, 2),
        ("s", "coffee:2", 1, LEUCINE, "R1", 4, 2),
        ("s", "coffee:3", 1, CAFFEINE, "R5", 3, 1),
        ("s", "lemon:1", 1, CITRIC_ACID, "R7", 3, 1),
        ("s", "lemon:2", 1, SALICYLIC_ACID, "R8", 1, 1),
    ]
    values["contributors"] = ["nobody"]
    assert con.sql(statement, params={**values, **of_index}).fetchall() == []


def random_spectra(path, n, seed):
    """Spectra of few peaks at few places, so that scores spread and peaks match by chance; every tenth without structure."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        m = rng.integers(1, 12)
        mz = np.sort(rng.choice(np.arange(50, 150), m, replace=False)) + rng.normal(0, 0.006, m)
        rows.append(
            {
                "native_id": f"{path.stem}{i}",
                "smiles": None if i % 10 == 0 and path.stem == "study" else SMILES[rng.integers(len(SMILES))],
                "precursor_mz": float(rng.choice([120.0, 150.0, 151.0]) * (1 + rng.normal(0, 6e-6))),
                "ion_mode": str(rng.choice(["positive", "negative"])),
                "contributor": str(rng.choice(["Aa", "Bb"])),
                "mz": mz.tolist(),
                "intensity": rng.uniform(1, 100, m).tolist(),
            }
        )
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.mark.parametrize(
    ("ppm", "k", "contributors"),
    [(10.0, 10, None), *(pytest.param(*case, marks=pytest.mark.long) for case in ((2.0, 1, None), (500.0, 50, ["Aa"])))],
)
def test_the_same_hits_on_random_spectra(tmp_path, extension, ppm, k, contributors):
    for seed, (name, n) in enumerate({"library": 1200, "study": 150}.items()):
        random_spectra(tmp_path / f"{name}.parquet", n, seed)
    select = "SELECT * FROM '{file}'"
    with connect(tmp_path / "lab", create=True) as lab:
        lab.import_library("library", tmp_path / "library.parquet", select=select)
        lab.import_study("study", tmp_path / "study.parquet", select=select)
        lab.embed("binned")
        for engine in ("sql", "native"):
            lab.identify("study", "library", ppm=ppm, k=k, contributors=contributors, engine=engine, name=engine)
        by_sql, by_index = hits(lab, "sql"), hits(lab, "native")
        assert by_sql.num_rows > 60
        assert_same_hits(by_sql, by_index)
        for engine in ("sql", "native"):
            name = f"merged-{engine}"
            lab.identify("study", "library", method="merged", ppm=ppm, k=k, contributors=contributors, engine=engine, name=name)
        merged = hits(lab, "merged-native")
        assert_same_hits(hits(lab, "merged-sql"), merged)
        assert np.mean(merged["score"].to_numpy()) > np.mean(by_sql["score"].to_numpy()) + 0.001
        settings = dict(lab.sql("SELECT search_id, settings FROM searches").fetchall())
        named = {"contributors": contributors} if contributors else {}
        assert json.loads(settings["native"]) == {"engine": "native", **named}


def test_what_is_imported_later_is_found(lab, tmp_path):
    lab.identify("kitchen", "reference", engine="native")
    before = index_file(lab).read_bytes()
    (tmp_path / "more.msp").write_text(made_up.LIBRARY_MSP.replace("DB#: R", "DB#: S").replace("86.0964 1000", "86.0964 990"))
    lab.import_library("reference", tmp_path / "more.msp")
    lab.embed("binned")
    lab.identify("kitchen", "reference", engine="native", name="native")
    lab.identify("kitchen", "reference", engine="sql", name="sql")
    assert index_file(lab).read_bytes() != before
    assert_same_hits(hits(lab, "sql"), hits(lab, "native"))
    assert lab.sql("SELECT count(*) FROM vectors.reference__binned").fetchall() == [(18,)]


@pytest.mark.parametrize("place", [3, 30, 300, -1])
def test_a_damaged_index_is_built_anew(lab, place):
    lab.identify("kitchen", "reference", engine="native")
    content = bytearray(index_file(lab).read_bytes())
    intact = bytes(content)
    content[place] ^= 1
    index_file(lab).write_bytes(content)
    lab.identify("kitchen", "reference", engine="native", name="native")
    assert index_file(lab).read_bytes() == intact
    assert_same_hits(hits(lab, "first"), hits(lab, "native"))


def test_an_index_of_a_record_that_moved_on_has_the_published_vectors(lab):
    """What the record holds but nobody has published is in no index."""
    con = open_published(lab.published)
    spectra = lab.record.read("spectra", columns=["spectrum_id", "embedding_binned"])
    swapped = pa.table(
        {
            "spectrum_id": spectra["spectrum_id"],
            "embedding_binned": spectra["embedding_binned"].take(pa.array(range(15, -1, -1))),
        }
    )
    lab.record.update("spectra", "spectrum_id", swapped)
    index = collection_index(con, lab.indexes, collection="reference", model="binned")
    vectors = open_search_index(index.path)
    published = dict(con.execute("SELECT id, embedding FROM vectors.reference__binned").fetchall())
    unit = vectors.stored.astype(np.float32) * vectors.scales[:, None]
    np.testing.assert_allclose(unit, [published[i] for i in vectors.ids.tolist()], rtol=1e-6)
    lab.record.delete("spectra", "spectrum_id > 0")
    again = collection_index(con, lab.indexes, collection="reference", model="binned", rebuild=True)
    assert (again.precision, again.rows) == ("half", 9)


def test_an_index_of_a_lab_that_was_published_again_is_of_the_one_that_is_open(lab):
    con = open_published(lab.published)
    published = con.execute("SELECT id, embedding FROM vectors.reference__binned").fetchall()
    lab.published.unlink()
    index = open_search_index(collection_index(con, lab.indexes, collection="reference", model="binned").path)
    assert sorted(index.ids.tolist()) == sorted(spectrum for spectrum, _ in published)


def test_where_no_index_can_be_written(lab):
    lab.indexes.write_text("in the way")
    report = lab.identify("kitchen", "reference", name="auto")
    assert report.n_hits == 9
    assert lab.sql("SELECT settings FROM searches WHERE search_id = 'auto'").fetchall() == [(None,)]
    with pytest.raises(UnreadableFile, match=r"reference: .*Search with --engine sql"):
        lab.identify("kitchen", "reference", engine="native")


def test_what_the_engine_does_not_do(lab):
    with pytest.raises(BadParameter, match="there is no engine 'fast'; there are: auto, sql, native"):
        lab.identify("kitchen", "reference", engine="fast")
    with pytest.raises(BadParameter, match="does not search by cosine_greedy"):
        lab.identify("kitchen", "reference", method="cosine_greedy", engine="native")
    with pytest.raises(BadParameter, match="does not leave out a contributor"):
        lab.identify("reference", "reference", left_out="contributor", engine="native")


@pytest.fixture
def no_extension(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_without_the_extension_all_is_done_in_sql(lab, no_extension):
    lab.close()
    report = lab.identify("kitchen", "reference", name="auto")
    assert report.n_hits == 9
    assert not lab.indexes.exists()
    with pytest.raises(MissingDependency, match="Run `spectradb native build`"):
        lab.identify("kitchen", "reference", engine="native")
    assert lab.sql("SELECT current_setting('allow_unsigned_extensions')").fetchall() == [(False,)]


@pytest.mark.parametrize("change", ["content", "note", "mode"])
def test_an_extension_that_is_not_as_compiled_is_not_loaded(lab, extension, no_extension, change):
    copy = native.build.cached_extension()
    shutil.copytree(extension.parent, copy.parent)
    assert native.built_extension() == copy
    note = copy.with_name(f"{copy.name}.sha256")
    if change == "content":
        copy.write_bytes(copy.read_bytes()[:-1] + b"x")
    elif change == "note":
        note.unlink()
    else:
        copy.chmod(0o777)
    assert native.built_extension() is None
    assert native.extension_status().state == "damaged"
    lab.close()
    with pytest.raises(duckdb.Error, match="index_fingerprint does not exist"):
        lab.sql("SELECT index_fingerprint('x')")
    assert native.build_extension() == copy
    assert native.extension_status().state == "built"


def test_clean_removes_indexes_that_are_no_longer_true(lab, tmp_path):
    lab.identify("kitchen", "reference", engine="native")
    lab.clean()
    path = index_file(lab)
    unfinished = lab.indexes / "reference__binned.spectra-index.17.next"
    unfinished.write_text("begun")
    size = path.stat().st_size
    lab.embed("binned", refill=True)
    assert lab.clean() >= size
    assert list(lab.indexes.iterdir()) == [unfinished]
    lab.clean(older_than_days=0)
    assert list(lab.indexes.iterdir()) == []


def test_a_lab_directory_may_have_indexes(tmp_path):
    (tmp_path / "lab" / "indexes").mkdir(parents=True)
    assert connect(tmp_path / "lab", create=True).exists


def test_the_verbs(lab, no_extension):
    said = CliRunner().invoke(main, ["native", "status"])
    assert said.exit_code == 0
    assert said.stdout.startswith("native extension: not built: ")
    assert "`spectradb native build`" in said.stdout
    built = CliRunner().invoke(main, ["native", "build", "--json"])
    assert json.loads(built.stdout)["state"] == "built"
    assert CliRunner().invoke(main, ["native", "build", "-q"]).stdout == ""
    searched = ["identify", str(lab.path), "--study", "kitchen", "--library", "reference", "--engine", "native", "--name", "n"]
    assert CliRunner().invoke(main, searched).exit_code == 0
    lab.close()
    assert lab.sql("SELECT settings FROM searches WHERE search_id = 'n'").fetchall() == [('{"engine": "native"}',)]


def test_the_verbs_without_a_compiler(monkeypatch, no_extension):
    monkeypatch.setattr(native.build.shutil, "which", lambda program: None)
    assert "no C compiler was found: searches run in plain SQL" in CliRunner().invoke(main, ["native", "status"]).stdout
    failed = CliRunner().invoke(main, ["native", "build"])
    assert failed.exit_code == 1
    assert "Install one (gcc or clang)" in failed.stderr


def test_isomers_stay_apart(lab):
    """Analytes of one mass are ranked by the index as by SQL, the better first."""
    lab.identify("kitchen", "reference", engine="native", name="native")
    query = (
        "SELECT h.analyte_id FROM hits AS h JOIN spectra ON spectrum_id = query_id "
        "WHERE search_id = 'native' AND native_id = $q ORDER BY rank"
    )
    assert lab.sql(query, {"q": "coffee:4"}).fetchall() == [(ISOLEUCINE,), (LEUCINE,)]
