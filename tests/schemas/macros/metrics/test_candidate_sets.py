"""Sets of candidates with a promise, worked out by hand."""

import math

import duckdb
import metric_lab
import pytest
from metric_lab import rounded
from table_rows import put

from spectradb import schemas

KNOWN = "contributor VARCHAR, analyte_id VARCHAR, ion_mode VARCHAR, instrument VARCHAR, candidates VARCHAR, gap FLOAT"
FOUND = (
    "query_id BIGINT, analyte_id VARCHAR, ion_mode VARCHAR, instrument VARCHAR, candidates VARCHAR, "
    "n_candidate_analytes INTEGER, rank INTEGER, gap FLOAT"
)
LIMITS = "detail INTEGER, ion_mode VARCHAR, instrument VARCHAR, candidates VARCHAR, n_known BIGINT, gap_limit FLOAT"
# Laboratory x: an analyte of two spectra that share the weight 1 / sqrt(2), and one of one; laboratory y: one of weight 1.
QUERIES = [("x", "a", 0.0), ("x", "a", 0.0), ("x", "b", 0.5), ("y", "c", 0.25)]


@pytest.fixture
def con():
    con = metric_lab.filled()
    for name in schemas.creation_order("macros/sets"):
        con.execute(schemas.read(name))
    return con


@pytest.fixture
def calibrated(con):
    """The search t as calibrated by the search s."""
    calibration = {"calibration_id": "c", "search_id": "s"}
    con.execute("ALTER TABLE searches ADD COLUMN IF NOT EXISTS calibration_id VARCHAR")
    con.execute("CREATE TABLE IF NOT EXISTS calibrations (calibration_id VARCHAR, search_id VARCHAR)")
    put(con, "calibrations", calibration)
    con.execute("UPDATE searches SET calibration_id = 'c' WHERE search_id = 't'")
    return con


@pytest.mark.covers("macros/sets/candidate_gaps")
def test_candidate_gaps(con):
    con.execute("UPDATE spectra SET instrument_type = 'LC-ESI-QTOF', contributor = 'x' WHERE spectrum_id = 2")
    found = con.sql("FROM candidate_gaps('s') WHERE query_id IN (2, 5) ORDER BY query_id, rank")
    assert found.columns == [
        *("query_id", "contributor", "ion_mode", "instrument", "candidates", "n_candidate_analytes"),
        *("analyte_id", "rank", "score", "library_spectrum_id", "gap"),
    ]
    rows = con.sql("SELECT * EXCLUDE (library_spectrum_id) FROM candidate_gaps('s') WHERE query_id IN (2, 5) ORDER BY ALL")
    assert rounded(rows.fetchall()) == [
        (2, "x", "positive", "high resolution", "2", 2, "A", 1, 0.8, 0.0),
        (2, "x", "positive", "high resolution", "2", 2, "B", 2, 0.6, 0.2),
        (5, None, "positive", None, "1", 1, "D", 1, 0.95, 0.0),
    ]
    with pytest.raises(duckdb.Error, match="the lab has no search 'r'; the nearest name is"):
        con.sql("FROM candidate_gaps('r')").fetchall()


@pytest.mark.covers("macros/sets/gaps_of_truth", "queries/evaluation/gaps_of_truth")
def test_gaps_of_truth(con):
    # 4 and 8 are of an analyte that the library lacks, 3 has no candidate, 6 is unknown.
    con.execute("DELETE FROM hits WHERE search_id = 's' AND query_id = 2 AND rank = 2")
    expected = [
        (1, None, "A", "positive", None, "2", 0.0),
        (2, None, "B", "positive", None, "2", math.inf),
        (5, None, "D", "positive", None, "1", 0.0),
        (7, None, "A", "positive", None, "2", 0.0),
    ]
    assert con.sql("FROM gaps_of_truth('s') ORDER BY query_id").fetchall() == expected
    assert con.execute(schemas.read("queries/evaluation/gaps_of_truth"), {"search": "s"}).fetchall() == expected


@pytest.mark.covers("macros/sets/gap_limits")
def test_gap_limits(con):
    con.execute(f"CREATE TABLE known ({KNOWN})")
    con.executemany("INSERT INTO known VALUES ($1, $2, 'positive', NULL, '2', $3)", QUERIES)
    # The weights .354, .354, .707 and 1 are 2.414 in all, and with one query more 3.018: .234 of it within a gap of 0, .566
    # within .25, .8 within .5.
    for coverage, limit in ((0.2, 0.0), (0.5, 0.25), (0.8, 0.5), (0.81, math.inf)):
        found = con.execute("FROM gap_limits('known', coverage := $1, least_known := 4)", [coverage]).fetchall()
        assert found == [
            (0, None, None, None, 4, limit),
            (1, None, None, "2", 4, limit),
            (2, "positive", None, "2", 4, limit),
        ]
    # Classes that are too small have no limit of their own; others of the same number of candidates help.
    con.execute(
        "INSERT INTO known VALUES ('y', 'd', 'negative', 'high resolution', '2', 0), ('y', 'e', 'negative', NULL, '1', 0)"
    )
    rows = con.execute("SELECT * EXCLUDE (gap_limit) FROM gap_limits('known', least_known := 4)").fetchall()
    assert rows == [(0, None, None, None, 6), (1, None, None, "2", 5), (2, "positive", None, "2", 4)]
    assert con.execute("FROM gap_limits('known')").fetchall() == []
    for coverage in (0, 1, 1.5):
        with pytest.raises(duckdb.Error, match=r"coverage is .*; give a share between 0 and 1, such as 0\.9"):
            con.execute("FROM gap_limits('known', coverage := $1)", [coverage]).fetchall()


@pytest.mark.covers("macros/sets/sets_within")
def test_sets_within(con):
    con.execute(f"CREATE TABLE found ({FOUND})")
    con.execute(f"CREATE TABLE limits ({LIMITS})")
    con.execute(
        "INSERT INTO limits VALUES (0, NULL, NULL, NULL, 90, 0.1), (1, NULL, NULL, '2', 80, 0.2), "
        "(2, 'positive', 'high resolution', '2', 70, 0.3)"
    )
    gaps = {
        (1, "positive", "high resolution", "2", 2): (0.0, 0.3),  # of a class of its own
        (2, "positive", None, "2", 2): (0.0, 0.3),  # of the classes with two candidates
        (3, "positive", None, "3-5", 4): (0.0, 0.05),  # of all; two candidates were not recorded
        (4, "positive", None, "3-5", 3): (0.0, 0.05, 0.2),
    }
    rows = [
        (q, f"A{rank}", mode, how, label, n, rank, gap)
        for (q, mode, how, label, n), of in gaps.items()
        for rank, gap in enumerate(of, 1)
    ]
    con.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    kept = (
        "SELECT query_id, rank, set_size, is_complete, detail, n_known, gap_limit FROM sets_within('found', 'limits') "
        "ORDER BY query_id, rank"
    )
    assert rounded(con.sql(kept).fetchall()) == [
        (1, 1, 2, True, 2, 70, 0.3),
        (1, 2, 2, True, 2, 70, 0.3),
        (2, 1, 1, True, 1, 80, 0.2),
        (3, 1, 2, False, 0, 90, 0.1),
        (3, 2, 2, False, 0, 90, 0.1),
        (4, 1, 2, True, 0, 90, 0.1),
        (4, 2, 2, True, 0, 90, 0.1),
    ]
    con.execute("DELETE FROM limits")
    assert con.sql(kept).fetchall()[0] == (1, 1, 2, True, None, None, None)


@pytest.mark.covers("macros/sets/candidate_set")
def test_candidate_set(calibrated):
    # Of 1, 2, 5 and 7, known in the search s, 2 has its truth .2 behind. With fewer than fifty known ones there is no limit:
    # nothing is promised by leaving candidates out.
    every = "SELECT query_id, analyte_id, rank, set_size, is_single, n_known FROM candidate_set('t') WHERE query_id IN (2, 5)"
    assert calibrated.sql(every).fetchall() == [
        (2, "B", 1, 2, False, None),
        (2, "A", 2, 2, False, None),
        (5, "D", 1, 1, True, None),
    ]
    # Fifteen copies of each of them. Of the 45 with two candidates, by weight: A .5 + .5 and B 1 of 2 and one more.
    put(
        calibrated,
        "spectra",
        *(
            metric_lab.spectrum("st", 100 * n + q, a, mz)
            for q, _, a, mz in metric_lab.QUERIES
            if q in (1, 2, 5, 7)
            for n in range(2, 17)
        ),
    )
    for q, text in metric_lab.HITS["s"].items():
        ranked = [(part[0], float(part[1:])) for part in text.split()]
        put(calibrated, "hits", *(row for n in range(2, 17) for row in metric_lab.hits("s", 100 * n + q, *ranked)))
    assert calibrated.sql("SELECT DISTINCT n_known, detail FROM candidate_set('t')").fetchall() == [(64, 0)]
    of_1 = "SELECT analyte_id, set_size FROM candidate_set('t', coverage := $1) WHERE query_id = 6"
    # A of 32, B of 16 and D of 16 weigh a third each: .2 behind the first are all, at it are two thirds.
    assert calibrated.execute(of_1, [0.6]).fetchall() == [("A", 1)]
    assert calibrated.execute(of_1, [0.9]).fetchall() == [("A", 2), ("B", 2)]


def test_sets_need_a_calibration(calibrated):
    with pytest.raises(duckdb.Error, match="search 's' is not calibrated: sets need the known queries of a calibration"):
        calibrated.sql("FROM candidate_set('s')").fetchall()
    with pytest.raises(duckdb.Error, match="the lab has no search 'u'"):
        calibrated.sql("FROM candidate_set('u')").fetchall()


@pytest.mark.covers("queries/evaluation/set_coverage")
def test_set_coverage(con):
    known = [("x", f"k{n}", "positive", None, "2", 0.25) for n in range(60)]
    con.execute(f"CREATE TABLE set_known ({KNOWN})")
    con.executemany("INSERT INTO set_known VALUES (?, ?, ?, ?, ?, ?)", known)
    con.execute("CREATE TABLE set_judged AS FROM gaps_of_truth('s')")
    values = {"search": "s", "coverage": 0.9}
    assert con.execute(schemas.read("queries/evaluation/set_coverage"), values).fetchall() == [
        (1, None, "2", "A", 2, True, 1),
        (2, None, "2", "B", 2, True, 2),
        (5, None, "1", "D", 1, True, 1),
        (7, None, "2", "A", 2, True, 1),
    ]
    con.execute("UPDATE set_known SET gap = 0")
    covered = con.execute(schemas.read("queries/evaluation/set_coverage"), values).fetchall()
    assert [row[5] for row in covered] == [True, False, True, True]
