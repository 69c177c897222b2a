"""The statements behind searches by peaks, over the lab of laboratories.py, with a score that is easy to state."""

import duckdb
import pyarrow as pa
import pytest
from laboratories import ISOLEUCINE, LEUCINE, build

from spectradb import schemas


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    """The opened lab; any scorer gives 1 to spectra with the same second peak, 0.5 to others, and a little less to A2."""
    with build(tmp_path_factory.mktemp("laboratories")) as lab:
        con = duckdb.connect()
        con.execute(schemas.fill("queries/lab/open_lab", path=lab.published))
        ids = dict(con.execute("SELECT native_id, spectrum_id FROM spectra").fetchall())
        analytes = dict(con.execute("SELECT spectrum_id, analyte_id FROM spectra").fetchall())

        def peak_score(scorer: int, query_id: int, library_id: int) -> float:
            same = analytes[library_id] == analytes.get(query_id, LEUCINE)
            return (1.0 if same else 0.5) - (0.25 if library_id == ids["A2"] else 0.0)

        con.create_function("peak_score", peak_score, ["BIGINT", "BIGINT", "BIGINT"], "FLOAT")
        yield con


def run(con, name, values, **others):
    return con.sql(schemas.read(f"queries/{name}"), params={**values, **others})


NOTHING = {"left_out": None, "contributors": None}
SIDES = {"study": "shared", "library": "shared"}


@pytest.mark.covers("queries/identify/identify_by_peaks")
def test_identify_by_peaks(con):
    values = NOTHING | {"search_id": "s", "ppm": 10.0, "k": 2, "fragment_tolerance_da": 0.01, "scorer": 1}
    values |= {"query_range": None, "query_ids": None}
    found = run(con, "identify/identify_by_peaks", values, **SIDES)
    n_found = con.table("hits").columns.index("score_gap") + 1
    assert found.columns == con.table("hits").columns[:n_found]
    assert found.types == con.table("hits").types[:n_found]
    assert len(found.fetchall()) == 14
    some = run(
        con, "identify/identify_by_peaks", values | {"left_out": "contributor", "contributors": ["Aa"]}, **SIDES
    ).to_arrow_table()
    con.register("of_one", some)
    rows = con.execute(
        "SELECT q.native_id, rank, of_one.analyte_id, score, matched_peaks, n_candidate_analytes, score_gap FROM of_one "
        "JOIN spectra AS q ON q.spectrum_id = query_id ORDER BY 1, 2"
    ).fetchall()
    assert rows == [
        ("A1", 1, LEUCINE, 1.0, 2, 2, 0.5),
        ("A1", 2, ISOLEUCINE, 0.5, 1, 2, None),
        ("A2", 1, LEUCINE, 1.0, 2, 2, 0.5),
        ("A2", 2, ISOLEUCINE, 0.5, 1, 2, None),
    ]


@pytest.mark.covers("queries/identify/count_answered_by_peaks")
def test_count_answered_by_peaks(con):
    con.register("found", pa.table({"query_id": [1, 1, 2]}))
    counts = [
        run(con, "identify/count_answered_by_peaks", {"contributors": some}, study="shared").fetchall()
        for some in (None, ["Aa", "Cc"])
    ]
    con.unregister("found")
    assert counts == [[(7, 2, 3)], [(3, 2, 3)]]


@pytest.mark.covers("queries/checks/count_left_out")
def test_count_left_out(con):
    # Own: A1-A2, B1-B2, E1-E2, each in both directions; copies: A1-B1.
    values = {"ppm": 10.0, "contributors": None, "left_out": "contributor"}
    assert run(con, "checks/count_left_out", values, **SIDES).fetchall() == [(6, 2)]
    assert run(con, "checks/count_left_out", {**values, "contributors": ["Aa"]}, **SIDES).fetchall() == [(2, 1)]
    assert run(con, "checks/count_left_out", {**values, "left_out": "copies"}, **SIDES).fetchall() == [(0, 2)]


@pytest.mark.covers("queries/checks/contributors")
def test_contributors(con):
    assert run(con, "checks/contributors", {"collection": "shared"}).fetchall() == [("Aa",), ("Bb",), ("Cc",)]
    assert run(con, "checks/contributors", {"collection": "none"}).fetchall() == []


@pytest.mark.covers("queries/identify/collection_peaks")
def test_collection_peaks(con):
    found = run(con, "identify/collection_peaks", {"collections": ["shared", "other"]})
    assert found.columns == ["spectrum_id", "mz", "intensity", "precursor_mz", "query_precursor_mz", "ion_mode"]
    rows = found.fetchall()
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert min(row[1:] for row in rows) == ([pytest.approx(43.05), 86.0], [10.0, 100.0], 132.1019, 132.1019, "positive")
    assert len(rows) == 7
    assert run(con, "identify/collection_peaks", {"collections": ["other"]}).fetchall() == []


@pytest.fixture
def adhoc(con):
    queries = pa.table({"id": [0, 1], "precursor_mz": [132.1019, 900.0], "ion_mode": ["positive", "positive"]})
    con.register("adhoc_queries", queries)
    yield con
    con.unregister("adhoc_queries")


@pytest.mark.covers("queries/adhoc/peaks_in_windows")
@pytest.mark.parametrize(
    ("mz", "ion_mode", "n"),
    [(132.1019, "positive", 7), (132.1019, "negative", 0), (132.1030, "positive", 7), (132.1034, "positive", 0)],
)
def test_peaks_in_windows(con, mz, ion_mode, n):
    everything = run(con, "identify/collection_peaks", {"collections": ["shared"]}).fetchall()
    con.register("adhoc_queries", pa.table({"id": [0, 1], "precursor_mz": [mz, 900.0], "ion_mode": [ion_mode, "positive"]}))
    found = run(con, "adhoc/peaks_in_windows", {"ppm": 10.0}, library="shared")
    assert found.columns == ["spectrum_id", "mz", "intensity", "precursor_mz", "ion_mode"]
    assert found.fetchall() == [(*row[:4], row[5]) for row in everything][:n]
    con.unregister("adhoc_queries")


@pytest.mark.covers("queries/adhoc/search_by_peaks")
def test_search_by_peaks(adhoc):
    found = run(adhoc, "adhoc/search_by_peaks", {"ppm": 10.0, "k": 5, "scorer": 1}, library="shared")
    assert found.columns == [
        *(
            "query_id",
            "rank",
            "analyte_id",
            "name",
            "analyte_name",
            "formula",
            "smiles",
            "adduct",
            "score",
            "score_gap",
            "ppm_error",
        ),
        *("n_candidate_analytes", "library_spectrum_id", "library_native_id", "library_precursor_mz", "precursor_source"),
    ]
    rows = found.project("query_id, rank, analyte_id, formula, adduct, score, score_gap, n_candidate_analytes").fetchall()
    assert rows == [(0, 1, LEUCINE, "C6H13NO2", "[M+H]+", 1.0, 0.5, 2), (0, 2, ISOLEUCINE, "C6H13NO2", "[M+H]+", 0.5, None, 2)]


@pytest.mark.covers("queries/adhoc/open_search_by_peaks")
def test_open_search_by_peaks(adhoc):
    found = run(adhoc, "adhoc/open_search_by_peaks", {"k": 4, "scorer": 1}, library="shared")
    assert found.columns == [
        *("query_id", "rank", "analyte_id", "name", "analyte_name", "formula", "smiles", "adduct", "score"),
        *(
            "expected_tanimoto",
            "mz_difference",
            "library_spectrum_id",
            "library_native_id",
            "library_precursor_mz",
            "precursor_source",
        ),
    ]
    assert set(found.project("expected_tanimoto").fetchall()) == {(None,)}
    rows = found.project("query_id, rank, analyte_id, score, round(mz_difference, 4)").fetchall()
    leucines = [(0, rank, LEUCINE, score, 0.0) for rank, score in enumerate([1.0, 1.0, 1.0, 0.75], start=1)]
    assert rows == [*leucines, *((1, rank, analyte, score, -767.8981) for _, rank, analyte, score, _ in leucines)]
