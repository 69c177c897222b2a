"""Connections: the user's own, taught by extend(); the lab's; and files that others hold open while a lab publishes."""

import hashlib
import subprocess
import sys
import textwrap

import duckdb
import numpy as np
import pytest
import tiny_lab as made_up

import spectradb
from spectradb import schemas
from spectradb.errors import NoLab
from spectradb.store.engine_progress import without_progress_in_files
from spectradb.workspace.connection import open_published

OWN_TABLES = """
    CREATE TABLE mine (id VARCHAR, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[2]);
    INSERT INTO mine VALUES ('q1', 200.0, 'positive', [1, 0]), ('q2', 300.0, 'negative', [0, 1]);
    CREATE TABLE theirs (id VARCHAR, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[2], analyte_id VARCHAR);
    INSERT INTO theirs VALUES
        ('l1', 200.0, 'positive', [0.5, 0], 'A'), ('l2', 200.001, 'positive', [0.75, 0], 'B'),
        ('l3', 250.0, 'negative', [0, 1], 'C');
"""


def check_everything_works(con):
    joined = con.sql("SELECT query_id, rank, library_id, score, n_candidates FROM similarity_join('mine', 'theirs')").fetchall()
    assert joined == [("q1", 1, "l2", 0.75, 2), ("q1", 2, "l1", 0.5, 2)]
    ranked = con.sql("SELECT query_id, rank, analyte_id, score_gap FROM rank_analytes('mine', 'theirs', ppm := 1)").fetchall()
    assert ranked == [("q1", 1, "A", None)]
    assert con.sql("SELECT query_id, library_id FROM nearest('mine', 'theirs', k := 1)").fetchall() == [
        ("q1", "l2"),
        ("q2", "l3"),
    ]
    assert con.sql("SELECT count(*) FROM similarity_pairs('mine', 'theirs')").fetchall() == [(2,)]
    assert con.sql("SELECT canonical_adduct('M+H'), inchikey_2d('CCO')").fetchall() == [("[M+H]+", "LFQSCWFLJHTTHZ")]
    ((vector,),) = con.sql("SELECT embed([50.0, 80.0], [1.0, 2.0], 200.0, 'positive')").fetchall()
    assert len(vector) == 512
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_extend_teaches_an_in_memory_connection():
    con = duckdb.connect()
    assert spectradb.extend(con) is con
    con.execute(OWN_TABLES)
    check_everything_works(con)


def test_extend_works_over_views_and_registered_tables():
    con = spectradb.extend(duckdb.connect())
    con.execute(OWN_TABLES)
    con.register("frame", con.sql("FROM theirs").df())
    con.execute("CREATE VIEW cast_frame AS SELECT * REPLACE (embedding::FLOAT[2] AS embedding) FROM frame")
    assert con.sql("SELECT query_id, library_id FROM similarity_join('mine', 'cast_frame', k := 1)").fetchall() == [
        ("q1", "l2")
    ]


def objects(path):
    with duckdb.connect(str(path), read_only=True) as con:
        return con.sql(
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND database_name = current_database() "
            "UNION ALL SELECT table_name FROM duckdb_tables() "
            "UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
        ).fetchall()


def test_extend_writes_nothing_to_the_users_file(tmp_path):
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(OWN_TABLES)
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with duckdb.connect(str(path)) as con:
        check_everything_works(spectradb.extend(con))
    assert objects(path) == [("mine",), ("theirs",)]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.duckdb"]


def test_extend_works_on_a_read_only_connection(tmp_path):
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(OWN_TABLES)
    with duckdb.connect(str(path), read_only=True) as con:
        check_everything_works(spectradb.extend(con))


def test_extend_twice_and_on_a_second_cursor_changes_nothing():
    con = spectradb.extend(duckdb.connect())
    con.execute(OWN_TABLES)
    check_everything_works(spectradb.extend(con))
    check_everything_works(spectradb.extend(con.cursor()))


def test_extend_leaves_a_macro_of_the_users_own_name_alone():
    con = duckdb.connect()
    con.execute("CREATE MACRO nearest(x) AS x + 1")
    spectradb.extend(con)
    assert con.sql("SELECT nearest(1)").fetchall() == [(2,)]


def test_embed_in_sql_equals_the_stored_vectors_bit_for_bit(tiny_lab):
    own = spectradb.extend(duckdb.connect())
    spectra = tiny_lab.sql(
        "SELECT mz, intensity, precursor_mz, ion_mode, embedding_binned FROM spectra ORDER BY spectrum_id"
    ).to_arrow_table()
    own.register("taken", spectra)
    stored = np.array(spectra["embedding_binned"].to_pylist(), dtype=np.float32)
    assert stored.shape == (16, 512)
    call = "(mz, intensity, precursor_mz, ion_mode)"
    for con, source in [(own, "taken"), (tiny_lab.connection(), "(FROM spectra ORDER BY spectrum_id)")]:
        for function in ("embed", "embed_binned"):
            vectors = con.sql(f"SELECT {function}{call} AS vector FROM {source}").to_arrow_table()["vector"].to_pylist()
            assert np.array_equal(np.array(vectors, dtype=np.float32).view(np.uint32), stored.view(np.uint32))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("round(adduct_mz(180.063388, '[M+H]+'), 4)", 181.0707),
        ("round(adduct_mz(180.063388, 'M-H'), 4)", 179.0561),
        ("round(adduct_mz(180.063388, '[2M+Na]+'), 4)", 383.1160),
        ("adduct_mz(180.063388, 'nonsense')", None),
        ("adduct_mz(10.0, '[M-H2O+H]+')", None),
        ("adduct_mz(-1.0, '[M+H]+')", None),
        ("adduct_mz('nan'::DOUBLE, '[M+H]+')", None),
        ("adduct_mz(NULL, '[M+H]+')", None),
        ("adduct_mz(180.063388, NULL)", None),
        ("canonical_adduct('M+H')", "[M+H]+"),
        ("canonical_adduct('[M-H]1-')", "[M-H]-"),
        ("canonical_adduct('nonsense')", None),
        ("canonical_adduct('')", None),
        ("canonical_adduct(NULL)", None),
        ("inchikey_2d('CC(C)C[C@H](N)C(=O)O')", "ROHFNLRQFUQHCH"),
        ("inchikey_2d('CC(C)C[C@@H](N)C(=O)O')", "ROHFNLRQFUQHCH"),
        ("inchikey_2d('nonsense')", None),
        ("inchikey_2d('')", None),
        ("inchikey_2d(NULL)", None),
        ("embed(NULL, NULL, 200.0, 'positive')", None),
        ("embed([50.0], [1.0], NULL, 'positive')", None),
        ("list_sum(list_transform(embed([]::DOUBLE[], []::FLOAT[], 200.0, 'positive')::FLOAT[], lambda x: abs(x)))", 0.0),
    ],
)
def test_scalar_functions(tiny_lab, expression, value):
    assert tiny_lab.sql(f"SELECT {expression}").fetchall() == [(value,)]


def test_scalar_functions_over_columns_with_and_without_null(tiny_lab):
    rows = tiny_lab.sql(
        "SELECT native_id, canonical_adduct(adduct), round(adduct_mz(monoisotopic_mass, adduct), 4), inchikey_2d(smiles) "
        "FROM spectra LEFT JOIN analytes USING (analyte_id) WHERE native_id IN ('R7', 'lemon:1', 'lemon:2') ORDER BY native_id"
    ).fetchall()
    assert rows == [
        ("R7", "[M-H]-", 191.0197, made_up.CITRIC_ACID),
        ("lemon:1", None, None, made_up.CITRIC_ACID),
        ("lemon:2", None, None, None),
    ]


def test_the_labs_connection_is_read_only_but_takes_temporary_tables(tiny_lab):
    con = open_published(tiny_lab.published)
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM spectra")
    con.execute("CREATE TEMP TABLE own AS SELECT * FROM spectra WHERE native_id = 'R8'")
    assert con.execute("SELECT native_id, analyte_id FROM own").fetchall() == [("R8", made_up.SALICYLIC_ACID)]
    con.close()


def test_a_lab_that_was_never_published_says_what_to_do(tmp_path):
    with pytest.raises(NoLab, match=r"lab\.duckdb is missing: the lab was never published\. Run `spectradb publish .*`"):
        open_published(tmp_path / "lab.duckdb")


READER = """
    import sys
    import duckdb

    con = duckdb.connect(sys.argv[1], read_only=True)
    for line in sys.stdin:
        if line == "reopen\\n":
            con.close()
            con = duckdb.connect(sys.argv[1], read_only=True)
        counts = con.execute("SELECT (SELECT count(*) FROM spectra), (SELECT sum(n_peaks) FROM spectra)").fetchall()
        print(*counts[0], flush=True)
"""


def test_a_program_that_holds_the_file_open_keeps_its_snapshot_while_publish_replaces_it(fresh_lab, tmp_path):
    made_up.write_files(tmp_path)
    fresh_lab.import_library("reference", tmp_path / "reference.msp")
    reader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), str(fresh_lab.published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(what):
        reader.stdin.write(f"{what}\n")
        reader.stdin.flush()
        return reader.stdout.readline().split()

    with reader:
        assert ask("count") == ["9", "29"]
        fresh_lab.import_study("kitchen", tmp_path / "lemon_1.mgf")
        assert fresh_lab.sql("SELECT count(*), sum(n_peaks) FROM spectra").fetchall() == [(12, 34)]
        assert ask("count") == ["9", "29"]
        fresh_lab.publish(rebuild=True)
        assert ask("count") == ["9", "29"]
        assert ask("reopen") == ["12", "34"]
        reader.stdin.close()
    assert reader.returncode == 0


def test_a_python_connection_keeps_its_snapshot_too(fresh_lab, tmp_path):
    made_up.write_files(tmp_path)
    fresh_lab.import_library("reference", tmp_path / "reference.msp")
    with open_published(fresh_lab.published) as before:
        fresh_lab.import_study("kitchen", tmp_path / "lemon_1.mgf")
        with open_published(fresh_lab.published) as after:
            counts = [con.execute("SELECT count(*) FROM spectra").fetchall() for con in (before, after)]
    assert counts == [[(9,)], [(12,)]]


SHOWS_PROGRESS = "SELECT current_setting('enable_progress_bar')"


@pytest.mark.covers("queries/lab/hide_progress")
def test_hide_progress():
    con = duckdb.connect()
    con.execute(schemas.read("queries/lab/hide_progress"))
    assert con.execute(SHOWS_PROGRESS).fetchall() == [(False,)]


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_bars_of_the_engine_are_for_terminals(tiny_lab, monkeypatch, terminal):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    with duckdb.connect() as con:
        unless_told = con.execute(SHOWS_PROGRESS).fetchall()  # depends on how Python was started
        con.execute("SET enable_progress_bar = true")
        assert without_progress_in_files(con).execute(SHOWS_PROGRESS).fetchall() == [(terminal,)]
    with open_published(tiny_lab.published) as con:
        assert con.execute(SHOWS_PROGRESS).fetchall() == (unless_told if terminal else [(False,)])
