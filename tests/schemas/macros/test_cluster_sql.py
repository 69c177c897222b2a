"""SQL about clusters of repeated spectra, over rows small enough to be counted by hand."""

import pytest
from table_rows import put, record, tables

from spectradb import schemas

OLD, NEW = "old-import", "new-import"


@pytest.fixture
def con():
    """A study s of five spectra in two runs, in two clusters and one alone; 11 to 13 stand for them."""
    con = tables("spectra", "clusterings", "cluster_members", "imports", "studies", "libraries", "hits")
    con.execute(schemas.read("macros/clusters/common_value"))
    con.execute(schemas.read("views/spectra/clusters"))
    study = {"collection": "s", "ion_mode": "positive", "ms_level": 2, "mz": [50.0], "intensity": [1.0]}
    put(
        con,
        "spectra",
        study
        | {"spectrum_id": 1, "native_id": "7", "run_id": "s/a", "precursor_mz": 100.0, "retention_time_s": 10.0, "charge": 1},
        study
        | {"spectrum_id": 2, "native_id": "7", "run_id": "s/b", "precursor_mz": 300.0, "precursor_mz_stated": 100.001}
        | {"retention_time_s": 14.0, "adduct": "[M+H]+", "collision_energy": "20", "tic": 5.0},
        study
        | {"spectrum_id": 3, "native_id": "8", "run_id": "s/b", "precursor_mz": 100.0004, "adduct": "[M+H]+"}
        | {"collision_energy": "10"},
        study | {"spectrum_id": 4, "native_id": "9", "precursor_mz": 50.0, "ion_mode": "negative", "peaks_hash": 4},
        study | {"spectrum_id": 5, "native_id": "10", "precursor_mz": 400.0},
        *({"spectrum_id": i, "collection": "s_clusters"} for i in (11, 12)),
    )
    put(con, "clusterings", {"clustering": "s_clusters", "study": "s", "import_id": NEW})
    put(con, "clusterings", {"clustering": "x", "study": "t", "import_id": "other"})
    put(
        con,
        "cluster_members",
        {"cluster_id": 11, "spectrum_id": 1, "is_best": False, "score": 0.9, "import_id": NEW},
        {"cluster_id": 11, "spectrum_id": 2, "is_best": True, "score": 1.0, "import_id": NEW},
        {"cluster_id": 11, "spectrum_id": 3, "is_best": False, "score": 0.8, "import_id": NEW},
        {"cluster_id": 12, "spectrum_id": 4, "is_best": True, "score": 1.0, "import_id": NEW},
    )
    return con


def rows(con, name, **values):
    return con.execute(schemas.read(f"queries/clusters/{name}"), values or None).fetchall()


@pytest.mark.covers("views/spectra/clusters")
def test_clusters(con):
    found = con.sql("FROM clusters ORDER BY cluster_id").fetchall()
    spread, least = (100.001 / 100.0 - 1) * 1e6, pytest.approx(0.8)
    assert found == [
        (*("s_clusters", "s", 11, 3, 2, "7", 2, "positive", 100.0004, pytest.approx(spread), 12.0, 4.0, "10, 20"), least),
        ("s_clusters", "s", 12, 1, 4, "9", 0, "negative", 50.0, 0.0, None, None, None, 1.0),
    ]


@pytest.mark.covers("macros/clusters/common_value")
def test_common_value_is_what_all_agree_in_who_state_one(con):
    found = con.sql(
        "SELECT g, common_value(x) FROM (VALUES (1, 'a'), (1, NULL), (1, 'a'), (2, 'a'), (2, 'b'), (3, NULL)) AS t (g, x) "
        "GROUP BY g ORDER BY g"
    ).fetchall()
    assert found == [(1, "a"), (2, None), (3, None)]


@pytest.mark.covers("queries/clusters/study_spectra")
def test_study_spectra_come_by_mode_and_stated_precursor(con):
    found = rows(con, "study_spectra", collection="s")
    assert [(row[0], row[3]) for row in found] == [(4, 50.0), (1, 100.0), (3, 100.0004), (2, 100.001), (5, 400.0)]
    assert found[0] == (4, [50.0], [1.0], 50.0, "negative", None, 0.0, 4), "columns of study_spectra"


@pytest.mark.covers("queries/clusters/consensus_columns")
def test_consensus_columns_are_medians_and_what_members_agree_in(con):
    con.execute(
        "CREATE TABLE grouped_spectra AS SELECT * FROM (VALUES (1, 4, true), (0, 1, false), (0, 2, true), (0, 3, false)) "
        "AS t (group_place, spectrum_id, is_best)"
    )
    cursor = con.execute(schemas.read("queries/clusters/consensus_columns"))
    names = [column[0] for column in cursor.description]
    first, second = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    stated = {name: value for name, value in first.items() if value is not None}
    assert stated == {
        "native_id": "b:7",
        "precursor_mz": 100.0004,
        "ms_level": 2,
        "charge": 1,
        "ion_mode": "positive",
        "adduct": "[M+H]+",
        "retention_time_s": 12.0,
    }
    assert (second["native_id"], second["ion_mode"], second["adduct"]) == ("9", "negative", None)


@pytest.mark.covers("queries/clusters/clusterings_of_study")
def test_clusterings_of_study_count_what_is_in_none(con):
    assert rows(con, "clusterings_of_study", study="s") == [("s_clusters", NEW, 4, 1)], "clusterings_of_study"
    assert rows(con, "clusterings_of_study", study="t") == [("x", "other", 0, 0)]
    assert rows(con, "clusterings_of_study", study="u") == []


@pytest.mark.covers("queries/clusters/hits_of_members")
def test_hits_of_members_are_those_of_what_stands_for_them(con):
    put(con, "hits", {"search_id": "x", "query_id": 12, "rank": 1, "score": 0.5}, {"search_id": "x", "query_id": 11, "rank": 2})
    put(con, "hits", {"search_id": "x", "query_id": 11, "rank": 1, "score": 0.75})
    con.execute("CREATE VIEW found AS FROM hits")
    cursor = con.execute(schemas.read("queries/clusters/hits_of_members"))
    names = [column[0] for column in cursor.description]
    assert names == con.table("hits").columns
    wanted = [names.index(name) for name in ("query_id", "rank", "score", "cluster_id")]
    assert [tuple(row[i] for i in wanted) for row in cursor.fetchall()] == [
        (1, 1, 0.75, 11),
        (1, 2, 0.0, 11),
        (2, 1, 0.75, 11),
        (2, 2, 0.0, 11),
        (3, 1, 0.75, 11),
        (3, 2, 0.0, 11),
        (4, 1, 0.5, 12),
    ]


@pytest.mark.covers("queries/clusters/peak_recipe")
def test_peak_recipe_is_that_of_the_collection(con):
    put(con, "studies", {"name": "s", "peak_recipe": "one"})
    put(con, "libraries", {"name": "l", "peak_recipe": "two"})
    assert [rows(con, "peak_recipe", collection=name) for name in ("s", "l", "x")] == [[("one",)], [("two",)], []]


@pytest.mark.covers("tables/clusters/clusterings.fill", "tables/clusters/cluster_members.fill")
def test_clusterings_and_cluster_members_are_those_that_count(con):
    put(con, "imports", {"import_id": NEW, "collection": "s_clusters"})
    for table in ("clusterings", "cluster_members"):
        con.execute(f"DELETE FROM {table}")
        record(con, table)
    put(
        con,
        "record_clusterings",
        {"clustering": "s_clusters", "import_id": NEW},
        {"clustering": "s_clusters", "import_id": OLD},
    )
    put(
        con,
        "record_cluster_members",
        {"cluster_id": 11, "spectrum_id": 2, "import_id": NEW},
        {"cluster_id": 11, "spectrum_id": 1, "import_id": NEW},
        {"cluster_id": 11, "spectrum_id": 77, "import_id": NEW},  # taken back
        {"cluster_id": 11, "spectrum_id": 3, "import_id": OLD},
    )
    for table in ("clusterings", "cluster_members"):
        con.execute(schemas.read(f"tables/clusters/{table}.fill"))
    assert con.sql("SELECT clustering, import_id FROM clusterings").fetchall() == [("s_clusters", NEW)]
    assert con.sql("SELECT cluster_id, spectrum_id FROM cluster_members").fetchall() == [(11, 1), (11, 2)]
