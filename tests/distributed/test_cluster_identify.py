"""Identifying on a cluster: the same hits, in the same order, as from one process."""

import shutil

import pytest

from spectradb import schemas
from spectradb.distributed.identify import RangeSearcher
from spectradb.errors import BadCluster
from spectradb.facade.lab import connect
from spectradb.search.methods.peak_scorers import peak_scorer
from spectradb.search.methods.spectrum_peaks import read_peaks
from spectradb.similarity.methods import peak_score
from spectradb.workspace.connection import open_published

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def lab(tiny_lab, tmp_path_factory):
    path = tmp_path_factory.mktemp("identified") / "lab"
    shutil.copytree(tiny_lab.path, path)
    with connect(path) as copy:
        yield copy


SEARCHES = [
    {"study": "kitchen", "library": "reference"},
    {"study": "reference", "library": "reference", "left_out": "copies", "method": "entropy_similarity", "ppm": 2000.0},
    {"study": "reference", "library": "reference", "left_out": "copies", "method": "merged", "ppm": 2000.0},
    {"study": "kitchen", "library": "reference", "ppm": None},
    {"study": "kitchen", "library": "reference", "ppm": None, "method": "modified_cosine", "k": 2},
]


@pytest.mark.parametrize("search", SEARCHES, ids=["embedding", "peaks", "merged", "open", "analogues"])
def test_the_same_search(cluster, lab, search):
    alone = lab.identify(**search, name="alone", replace=True)
    spread = lab.identify(**search, name="spread", ray="local", replace=True)
    told = {"search": None, "search_id": None, "seconds": None}
    assert {**spread.as_dict(), **told} == {**alone.as_dict(), **told}

    def recorded(search_id, table, without):
        return lab.record.read(table, where=f"search_id = '{search_id}'").drop(["search_id", *without])

    hits = recorded(spread.search_id, "hits", [])
    assert hits.num_rows > 0
    assert hits.equals(recorded(alone.search_id, "hits", []))
    times = ["started", "finished"]
    assert recorded(spread.search_id, "searches", times).equals(recorded(alone.search_id, "searches", times))
    assert list(lab.path.glob("lab.duckdb.search-*")) == []


def test_a_killed_search_leaves_no_file_behind(lab):
    left = lab.path / "lab.duckdb.search-0123"
    left.touch()
    lab.identify("kitchen", "reference", name="after")
    assert not left.exists()


def test_a_worker_that_finds_another_lab(lab, tmp_path):
    with pytest.raises(BadCluster, match=r"does not find .*lab.duckdb.*reach under the same path"):
        RangeSearcher(tmp_path / "lab.duckdb", "", 1, {})
    with pytest.raises(BadCluster, match="does not find"):
        RangeSearcher(lab.published, "another state", 1, {})


@pytest.mark.covers("queries/checks/query_ranges", "queries/lab/use_threads")
def test_query_ranges_and_use_threads(lab):
    with open_published(lab.published) as con:
        ids = [
            key for (key,) in con.execute("SELECT spectrum_id FROM spectra WHERE collection = 'kitchen' ORDER BY 1").fetchall()
        ]
        statement = schemas.read("queries/checks/query_ranges")
        of_all = {"study": "kitchen", "contributors": None}
        three = con.execute(statement, {**of_all, "n_ranges": 3}).fetchall()
        assert three == [(ids[0], ids[2]), (ids[3], ids[4]), (ids[5], ids[6])]
        assert con.execute(statement, {**of_all, "n_ranges": 50}).fetchall() == [(key, key) for key in ids]
        assert con.execute(statement, {**of_all, "n_ranges": 2, "contributors": ["nobody"]}).fetchall() == []
        con.execute(schemas.fill("queries/lab/use_threads", threads=3))
        assert con.execute("SELECT current_setting('threads')").fetchall() == [(3,)]


@pytest.mark.parametrize("name", ["identify", "identify_by_peaks", "identify_fused", "identify_merged"])
def test_a_range_of_queries(lab, name):
    with open_published(lab.published) as con:
        spectra = read_peaks(con, "kitchen", "reference")
        score = peak_score("entropy_similarity", {"tolerance_da": 0.01})
        statement = schemas.read(f"queries/identify/{name}")
        values = {"search_id": "s", "ppm": 10.0, "k": 2, "fragment_tolerance_da": 0.01, "left_out": None, "contributors": None}
        values |= {"study": "kitchen", "library": "reference", "query_ids": None}
        with peak_scorer(con, score, spectra, spectra) as scorer:
            by_peaks = {"scorer": scorer}
            of_model = {"model": "binned"}
            of_method = {"identify_by_peaks": by_peaks, "identify_fused": {"weight": 0.5, **of_model, **by_peaks}}
            values |= {**of_method, "identify_merged": {"spectra": 8, **of_model}}.get(name, of_model)
            of_all = con.execute(statement, {**values, "query_range": None}).fetchall()
            queries = sorted({row[1] for row in of_all})
            some = con.execute(statement, {**values, "query_range": [queries[1], queries[2]]}).fetchall()
            assert some == [row for row in of_all if row[1] in queries[1:3]]
            assert 0 < len(some) < len(of_all)
