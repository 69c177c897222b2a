"""Probabilities, q-values and the metrics that judge them, worked out by hand."""

import math

import numpy as np
import pytest
from metric_lab import filled_with_probabilities, rounded
from table_rows import put, record, tables

from spectradb import schemas
from spectradb.search.calibration.studies import chance_of_candidate, log_odds_above_chance, log_odds_of_worse_laboratory
from spectradb.search.calibration.terms import TERMS

MACROS = (
    "identification/hit_terms",
    "identification/log_odds_above_chance",
    "identification/chance_of_candidate",
    "identification/log_odds_of_worse_laboratory",
    "identification/hit_probability",
    "metrics/thresholds/probability_q_values",
)
CALIBRATION = {
    "calibration_id": "c",
    "library": "lib",
    "method": "embedding",
    "model": "flat",
    "model_fingerprint": "f",
    "ppm": 10.0,
    "fragment_tolerance_da": 0.01,
    "contributors": ["Aa"],
    "terms": list(TERMS),
    "coefficients": [-1.0, 2.0, 0.1, 0.5, 1.0, -1.0, -2.0, -0.25, 0.5, 0.2, 1.0, -3.0, 0.75],
    "laboratory_spread": 0.5,
    "chance_coefficients": [-2.0, 1.5],
    "created": "2026-01-01",
}


def with_macros(con, macros=MACROS):
    for name in macros:
        con.execute(schemas.read(f"macros/{name}"))
    return con


@pytest.fixture
def con():
    return with_macros(filled_with_probabilities(), MACROS[:5])


@pytest.mark.covers("macros/identification/hit_terms")
def test_hit_terms():
    con = with_macros(tables("calibrations", "searches"), MACROS)
    ((terms, alone, beyond),) = con.execute(
        "SELECT hit_terms(0.5::FLOAT, 0.25::FLOAT, 4, 3, 0.75::FLOAT, 0.5, 0.125, 2, '[M+H]+', '[M]+', -0.5), "
        "hit_terms(1, NULL, 1, 0, NULL, 0, 0, 9, NULL, '[M+H]+', 0), "
        "hit_terms(-0.1, 0.0, 1, 0, 1.1, 1, 1, 0, '[M+H]+', '[M+H]+', 0)"
    ).fetchall()
    near = [-math.log(1.02 - score) for score in (0.5, 1.0, 0.0)]
    assert terms == pytest.approx(
        [1.0, 0.5, near[0], 0.0, 0.5, math.log(4), 0.75, 0.0, 0.25, math.log(4), math.log(3), 1, -0.5]
    )
    assert alone == pytest.approx([1.0, 1.0, near[1], 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, math.log(3), 0.0, 0.0])
    assert beyond == pytest.approx([1.0, 0.0, near[2], 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert len(terms) == len(TERMS)


@pytest.mark.covers("macros/identification/log_odds_above_chance")
def test_log_odds_above_chance():
    con = with_macros(tables("calibrations", "searches"), MACROS)

    def log_odds(*values):
        return con.execute("SELECT log_odds_above_chance(?, ?, ?)", values).fetchall()[0][0]

    # 60 of 100 answered, 20 of 100 by chance: half of the 100, 50 of the 60, are more than chance.
    assert log_odds(100, 60, 0.2) == pytest.approx(math.log((10 + 50) / (10 + 10)))
    # No oftener than by chance, and oftener than anything: held within .05 and .95.
    assert log_odds(100, 20, 0.4) == pytest.approx(math.log((10 + 1) / (10 + 19)))
    assert log_odds(100, 100, 1.0) == pytest.approx(math.log((10 + 5) / (10 + 95)))
    assert log_odds(100, 100, 0.0) == pytest.approx(math.log((10 + 95) / (10 + 5)))
    # Few spectra tell little.
    assert log_odds(1, 1, 0.0) == pytest.approx(math.log(10.95 / 10.05))
    assert all(log_odds(*values) == pytest.approx(log_odds_above_chance(*values)) for values in ((100, 60, 0.2), (9, 2, 0.4)))


@pytest.mark.covers("macros/identification/chance_of_candidate")
def test_chance_of_candidate():
    con = with_macros(tables("calibrations", "searches"), MACROS[2:3])
    found = con.execute("SELECT chance_of_candidate([-2.0, 1.5], n) FROM (VALUES (0), (3)) AS t (n)").fetchall()
    expected = [1 / (1 + math.exp(2)), 1 / (1 + math.exp(2 - 1.5 * math.log(4)))]
    assert [value for (value,) in found] == pytest.approx(expected)
    assert chance_of_candidate(np.array([-2.0, 1.5]), np.array([0.0, 3.0])) == pytest.approx(expected)


@pytest.mark.covers("macros/identification/log_odds_of_worse_laboratory")
@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_log_odds_of_worse_laboratory(spread):
    """The mean over laboratories is what it started from, by an integral in NumPy; one in ten is worse than what is found."""
    con = with_macros(tables("calibrations", "searches"), MACROS[3:4])
    laboratories = spread * np.linspace(-8, 8, 4001)
    weight = np.exp(-(np.linspace(-8, 8, 4001) ** 2) / 2)
    for log_odds in (-3.0, 0.0, 1.0, 3.0):
        ((found,),) = con.execute("SELECT log_odds_of_worse_laboratory(?, ?)", [log_odds, spread]).fetchall()
        assert found == pytest.approx(log_odds_of_worse_laboratory(np.array([log_odds]), spread)[0])
        middle = found + 1.2816 * spread
        mean = np.average(1 / (1 + np.exp(-middle - laboratories)), weights=weight)
        assert mean == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=0.01)  # it is an approximation
        worse = weight[middle + laboratories < found].sum() / weight.sum() if spread else 0.1
        assert worse == pytest.approx(0.1, abs=0.001)


@pytest.mark.covers("queries/identify/confidence/search_chance")
def test_search_chance(judging):
    judging.execute(
        "CREATE OR REPLACE TABLE neighbours AS FROM (VALUES (1, 0), (2, 3), (3, 3)) AS t (query_id, neighbour_analytes)"
    )
    found = judging.execute(schemas.read("queries/identify/confidence/search_chance"), {"calibration": "c"}).fetchall()
    assert found == [(pytest.approx((1 / (1 + math.exp(2)) + 2 / (1 + math.exp(2 - 1.5 * math.log(4)))) / 3),)]


@pytest.fixture
def judging():
    """Hits of two queries, one with a second candidate, and a calibration."""
    con = with_macros(tables("hits", "calibrations", "spectra", "searches"), MACROS)
    for name in ("explained_intensity", "library_support"):
        con.execute(schemas.read(f"macros/identification/{name}"))
    put(con, "calibrations", CALIBRATION)
    put(con, "searches", {"search_id": "x", "n_queries": 100, "n_answered": 60, "chance": 0.2}, {"search_id": "old"})
    two = {"precursor_mz": 200.0, "ion_mode": "positive", "mz": [50.0, 100.0, 199.0], "intensity": [1.0, 9.0, 100.0]}
    one = two | {"mz": [100.0], "intensity": [1.0]}
    put(con, "spectra", *({"spectrum_id": i, "collection": "st", "contributor": "Me"} | two for i in (1, 2)))
    library = {"collection": "lib", "ion_mode": "positive"}
    for spectrum_id, analyte, contributor, peaks in (
        (11, "A", "Aa", one),
        (12, "A", "Aa", one),
        (13, "A", None, one),
        (14, "B", "Bb", two),
    ):
        put(con, "spectra", peaks | library | {"spectrum_id": spectrum_id, "analyte_id": analyte, "contributor": contributor})
    first = {
        "query_id": 1,
        "rank": 1,
        "analyte_id": "A",
        "library_spectrum_id": 11,
        "score": 0.5,
        "score_gap": 0.25,
        "matched_peaks": 1,
    }
    second = {"query_id": 1, "rank": 2, "analyte_id": "B", "library_spectrum_id": 14, "score": 0.25}
    other = {"query_id": 2, "rank": 1, "analyte_id": "B", "library_spectrum_id": 14, "score": 1.0, "matched_peaks": 3}
    other |= {"n_candidate_analytes": 1}
    put(con, "hits", first | {"n_candidate_analytes": 4}, second | {"n_candidate_analytes": 4}, other)
    found = con.table("hits").columns[:10]
    con.execute(f"CREATE VIEW found AS SELECT {', '.join(found)} FROM hits")
    con.execute("UPDATE hits SET search_id = 'x'")
    con.execute("CREATE TABLE neighbours AS FROM (VALUES (1, 0.5::FLOAT), (2, NULL)) AS t (query_id, neighbour_score)")
    return con


# Of query 1 the peak at 100, 3 of 4 by square roots, is in spectrum 11, which has no other; what is within 1.5 Da of the
# precursor does not count. A has three spectra of two contributors, B one. 60 of 100 answered where 20 would be by chance: odds
# of 3.
LOG_ODDS = (
    -1
    + 1
    - 0.1 * math.log(0.52)
    + 0.5
    - math.log(4)
    - 2 * 0.5
    + 0.5 * math.sqrt(0.75)
    + 0.2 * math.log(2)
    + math.log(3)
    + 0.75 * math.log(3),
    -1 + 2 - 0.1 * math.log(0.02) + 0.5 - 0.25 + 0.5 + 0.2 * math.log(4) + math.log(2) + 0.75 * math.log(3),
)
EXPECTED = [1 / (1 + math.exp(-value)) for value in LOG_ODDS]
# Laboratories differ by .5: one in ten has log odds 1.2816 * .5 below those of the middle.
LOWER = [1 / (1 + math.exp(0.6408 - value * math.sqrt(1 + 0.34584 / 4))) for value in LOG_ODDS]
OF_SEARCH = {
    "library": "lib",
    "left_out": None,
    "fragment_tolerance_da": 0.01,
    "n_queries": 100,
    "n_answered": 60,
    "chance": 0.2,
}


@pytest.mark.covers("macros/identification/explained_intensity")
def test_explained_intensity(judging):
    columns = "query_id, library_spectrum_id, query_explained, library_explained"
    rows = judging.execute(f"SELECT {columns} FROM explained_intensity('hits') ORDER BY ALL").fetchall()
    assert rows == [(1, 11, 0.75, 1.0), (1, 14, 1.0, 1.0), (2, 14, 1.0, 1.0)]
    # Without fragments there is nothing to explain.
    judging.execute("UPDATE spectra SET precursor_mz = 40 WHERE spectrum_id = 1")
    assert judging.execute(f"SELECT {columns} FROM explained_intensity('hits') ORDER BY ALL").fetchall()[0] == (1, 11, 0.0, 0.0)
    # A wide tolerance pairs all.
    judging.execute("UPDATE spectra SET precursor_mz = 200 WHERE spectrum_id = 1")
    wide = judging.execute("SELECT query_explained FROM explained_intensity('hits', fragment_tolerance_da := 60)").fetchall()
    assert wide == [(1.0,)] * 3


@pytest.mark.covers("macros/identification/library_support")
def test_library_support(judging):
    rows = judging.execute("FROM library_support('hits', 'lib') ORDER BY ALL").fetchall()
    assert rows == [(1, "A", 3, 2), (1, "B", 1, 1), (2, "B", 1, 1)]
    judging.execute(
        "UPDATE spectra SET contributor = 'Aa' WHERE spectrum_id = 1; "
        "UPDATE spectra SET contributor = NULL WHERE spectrum_id = 2"
    )
    rows = judging.execute("FROM library_support('hits', 'lib', left_out := 'contributor') ORDER BY ALL").fetchall()
    assert rows == [(1, "A", 1, 1), (1, "B", 1, 1), (2, "B", 1, 1)]
    judging.execute("UPDATE spectra SET ion_mode = 'negative' WHERE spectrum_id = 14")
    rows = judging.execute("FROM library_support('hits', 'lib') ORDER BY ALL").fetchall()
    assert rows[1:] == [
        (1, "B", 0, 0),
        (2, "B", 0, 0),
    ]


@pytest.mark.covers("queries/identify/confidence/judge_hits", "queries/identify/confidence/unjudged_hits")
def test_judge_hits(judging):
    judging.execute(
        "CREATE OR REPLACE VIEW found AS SELECT 'x' AS search_id, * EXCLUDE (search_id) "
        "FROM (SELECT #1, #2, #3, #4, #5, #6, #7, #8, #9, #10 FROM hits)"
    )
    found = judging.execute(schemas.read("queries/identify/confidence/judge_hits"), OF_SEARCH | {"calibration": "c"})
    assert [column[0] for column in found.description] == judging.table("hits").columns
    rows = rounded([(row[1], row[2], *row[10:17]) for row in found.fetchall()])
    first, second = EXPECTED
    assert rows == rounded(
        [
            (1, 1, first, 1 - sum(LOWER) / 2, 0.5, 0.75, 1.0, 3, 2),
            (1, 2, *[None] * 7),
            (2, 1, second, 1 - LOWER[1], None, 1.0, 1.0, 1, 1),
        ]
    )
    found = judging.execute(schemas.read("queries/identify/confidence/unjudged_hits"))
    assert [column[0] for column in found.description] == judging.table("hits").columns
    assert [row[1:3] + row[10:17] for row in found.fetchall()] == [(q, r, *[None] * 7) for q, r in ((1, 1), (1, 2), (2, 1))]


@pytest.mark.covers("macros/identification/hit_probability")
def test_hit_probability_of_recorded_hits(judging):
    judging.execute(
        "UPDATE hits SET search_id = 'x'; UPDATE hits SET neighbour_score = 0.5, query_explained = 0.75, "
        "library_explained = 1, library_contributors = 2 WHERE query_id = 1 AND rank = 1"
    )
    # Query 2 was not described: what is not known is no number.
    found = judging.execute("FROM hit_probability('hits', 'c') ORDER BY query_id").fetchall()
    assert rounded(found) == rounded([(1, EXPECTED[0], LOWER[0]), (2, None, None)])
    judging.execute("UPDATE spectra SET adduct = CASE spectrum_id WHEN 1 THEN '[M+H]+' WHEN 11 THEN '[M]+' END")
    by_another = judging.execute("SELECT probability FROM hit_probability('hits', 'c') WHERE query_id = 1").fetchall()
    assert rounded(by_another) == rounded([(1 / (1 + math.exp(3 - LOG_ODDS[0])),)])
    judging.execute("UPDATE spectra SET adduct = NULL WHERE spectrum_id = 11")
    sceptical = judging.execute("SELECT probability FROM hit_probability('hits', 'c', above_chance := -1) WHERE query_id = 1")
    assert sceptical.fetchall()[0][0] == pytest.approx(1 / (1 + math.exp(-LOG_ODDS[0] + 0.75 * (math.log(3) + 1))))
    assert judging.execute("FROM hit_probability('hits', 'none')").fetchall() == []
    judging.execute("UPDATE hits SET search_id = 'old'")
    assert judging.execute("SELECT DISTINCT probability FROM hit_probability('hits', 'c')").fetchall() == [(None,)]


@pytest.mark.covers("tables/searches/calibrations.fill")
def test_calibrations_are_published_by_age():
    con = tables("calibrations")
    record(con, "calibrations")
    put(con, "record_calibrations", CALIBRATION, CALIBRATION | {"calibration_id": "b", "created": "2025-01-01"})
    con.execute(schemas.read("tables/searches/calibrations.fill"))
    assert con.sql("SELECT calibration_id, coefficients[2] FROM calibrations").fetchall() == [("b", 2.0), ("c", 2.0)]


@pytest.mark.covers("queries/calibration/matching_calibration", "queries/calibration/calibrated_settings")
def test_which_calibration_holds():
    con = tables("calibrations", "models", "searches")
    put(con, "models", {"name": "flat", "fingerprint": "f"})
    later = {"calibration_id": "d", "created": "2026-02-02"}
    put(con, "calibrations", CALIBRATION, CALIBRATION | later, CALIBRATION | later | {"calibration_id": "e", "ppm": 5.0})
    peaks = {"calibration_id": "p", "method": "cosine", "model": None, "model_fingerprint": None, "settings": "{}"}
    put(con, "calibrations", CALIBRATION | peaks)
    names = ("library", "method", "model", "settings", "ppm", "fragment_tolerance_da")

    def matching(**changed):
        values = {name: (CALIBRATION | changed).get(name) for name in names} | {"terms": list(TERMS)}
        return con.execute(schemas.read("queries/calibration/matching_calibration"), values).fetchall()

    assert matching() == [("d", None, True, False)]
    assert matching(ppm=5.0) == [("e", None, True, False)]
    assert matching(**peaks) == [("p", "{}", True, False)]
    for changed in ({"library": "x"}, {"model": "other"}, {"settings": "{}"}, {"fragment_tolerance_da": 0.02}, {"ppm": 20.0}):
        assert matching(**changed) == []
    # One fitted on copies left out alone serves where there is no other, however late.
    of_search = {"search_id": "copies", "left_out": "copies", "study": "lib", "library": "lib"}
    put(con, "searches", of_search)
    copies = CALIBRATION | {"calibration_id": "z", "created": "2026-03-03", "search_id": "copies"}
    put(con, "calibrations", copies, copies | {"calibration_id": "y", "ppm": 7.0})
    assert matching() == [("d", None, True, False)]
    assert matching(ppm=7.0) == [("y", None, True, True)]
    con.execute("DELETE FROM calibrations WHERE calibration_id = 'z'")
    # One of other terms cannot be used, however late; where there is no other, it is told.
    con.execute("UPDATE calibrations SET terms = ['intercept', 'score'] WHERE calibration_id = 'd'")
    assert matching() == [("c", None, True, False)]
    con.execute("UPDATE calibrations SET terms = ['intercept', 'score'] WHERE calibration_id = 'c'")
    assert matching() == [("d", None, False, False)]
    con.execute("UPDATE models SET fingerprint = 'g'")
    assert matching() == []
    values = {"library": "lib", "method": "cosine", "model": None}
    assert con.execute(schemas.read("queries/calibration/calibrated_settings"), values).fetchall() == [("{}",)]


@pytest.mark.covers("queries/calibration/calibrating_search")
def test_which_search_a_calibration_can_be_fitted_on():
    con = tables("searches")
    kind = {
        "library": "lib",
        "method": "cosine",
        "settings": "{}",
        "ppm": 10.0,
        "fragment_tolerance_da": 0.01,
        "record_version": 4,
    }
    row = kind | {"study": "lib", "left_out": "contributor", "k": 10, "finished": "2026-01-01"}
    put(con, "searches", row | {"search_id": "a"}, row | {"search_id": "b", "finished": "2026-01-02"})
    put(con, "searches", row | {"search_id": "copies", "left_out": "copies"})
    others = ({"left_out": None}, {"study": "st"}, {"k": 1}, {"record_version": 3}, {"settings": None}, {"model": "flat"})
    for i, other in enumerate(others):
        put(con, "searches", row | {"search_id": f"other{i}", "finished": "2026-02-02"} | other)
    statement = schemas.read("queries/calibration/calibrating_search")
    asked = kind | {"model": None, "left_out": "contributor"}
    assert con.execute(statement, asked).fetchall() == [("b",)]
    assert con.execute(statement, asked | {"left_out": "copies"}).fetchall() == [("copies",)]
    assert con.execute(statement, asked | {"ppm": 5.0}).fetchall() == []


@pytest.mark.covers("queries/calibration/calibration_rows")
def test_calibration_rows(con):
    for name in ("explained_intensity", "library_support"):
        con.execute(schemas.read(f"macros/identification/{name}"))
    con.execute(
        "CREATE TABLE neighbours AS SELECT i AS query_id, (i / 10)::FLOAT AS neighbour_score, "
        "i::INTEGER AS neighbour_analytes FROM range(1, 9) AS t (i)"
    )
    # What was found, with its library spectra, of a laboratory that is not the queries'.
    con.execute("UPDATE spectra SET contributor = 'Aa' WHERE collection = 'lib'")
    con.execute("UPDATE hits SET library_spectrum_id = CASE analyte_id WHEN 'A' THEN 101 WHEN 'B' THEN 102 ELSE 104 END")
    con.execute("UPDATE hits SET matched_peaks = 3")
    con.execute(
        "UPDATE spectra SET adduct = CASE WHEN collection = 'lib' THEN '[M+H]+' WHEN spectrum_id = 1 THEN '[M+Na]+' END"
    )
    values = {"search": "s", "library": "lib", "left_out": "contributor", "fragment_tolerance_da": 0.01}
    found = con.execute(schemas.read("queries/calibration/calibration_rows"), values)
    assert [column[0] for column in found.description] == [
        *("query_id", "contributor", "analyte_id", "without_truth", "correct", "answerable", "rank_of_truth", "score_gap"),
        *("neighbour_analytes", "terms"),
    ]
    rows = found.fetchall()
    assert [(row[0], *row[2:7], None if row[7] is None else round(row[7], 3), row[8]) for row in rows] == [
        (1, "A", False, True, True, 1, 0.4, 1),
        (1, "A", True, False, False, 1, None, 1),
        (2, "B", False, False, True, 2, 0.2, 2),
        (2, "B", True, False, False, 2, None, 2),
        (4, "Z", False, False, False, None, 0.4, 4),
        (5, "D", False, True, True, 1, None, 5),
        (7, "A", False, True, True, 1, 0.4, 7),
        (7, "A", True, False, False, 1, None, 7),
        (8, "Z", False, False, False, None, 0.3, 8),
    ]
    matched = round(math.log(4), 4)
    # Without A, query 1 is B at .5, which is alone then; without B, query 2 is A at .8 all the same.
    assert rounded([(row[0], *row[9]) for row in rows[1:4:2]], 4) == [
        (1, 1.0, 0.5, round(-math.log(0.52), 4), 1.0, 0.0, 0.0, 0.1, 0.0, 0.0, matched, round(math.log(2), 4), 1.0, 0.0),
        (2, 1.0, 0.8, round(-math.log(0.22), 4), 1.0, 0.0, 0.0, 0.2, 0.0, 0.0, matched, round(math.log(2), 4), 0.0, 0.0),
    ]
