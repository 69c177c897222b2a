"""The statements by which evaluations on arrays search and rank, over relations of a few rows."""

import duckdb
import pytest
from table_rows import put

from spectradb import schemas

MACROS = (
    "similarity/precursor_pairs",
    "identification/candidate_pairs",
    "similarity/rank_pairs",
    "similarity/merged_pairs",
)
SPECTRA = "id BIGINT, precursor_mz DOUBLE, ion_mode INTEGER, analyte_id BIGINT, contributor BIGINT, peaks_hash BIGINT"
PAIRS = "place BIGINT, query_id BIGINT, library_id BIGINT, analyte_id BIGINT, score DOUBLE, ppm_error DOUBLE"


@pytest.fixture
def con():
    with duckdb.connect() as con:
        for macro in MACROS:
            con.execute(schemas.read(f"macros/{macro}"))
        for side in ("asked", "library"):
            con.execute(f"CREATE TABLE {side} ({SPECTRA})")
        con.execute(f"CREATE TABLE scored_pairs ({PAIRS})")
        con.execute("CREATE TABLE truth (query_id BIGINT, analyte_id BIGINT)")
        con.execute("CREATE TABLE library_vectors (id BIGINT, embedding FLOAT[2])")
        yield con


def spectrum(number, analyte, *, mz=200.0, mode=1, laboratory=0):
    return {
        "id": number,
        "precursor_mz": mz,
        "ion_mode": mode,
        "analyte_id": analyte,
        "contributor": laboratory,
        "peaks_hash": number % 10,
    }


@pytest.mark.covers("queries/evaluation/answerable_pairs")
def test_answerable_pairs(con):
    # 1 is answered by 12 and, of its own laboratory, by 14; 11 is a copy of it. 2 finds others only, 3 nothing, 4 has no m/z.
    put(con, "asked", spectrum(1, 7), spectrum(2, 9), spectrum(3, 7, mode=-1), spectrum(4, 7, mz=None))
    others = (spectrum(11, 7, laboratory=1), spectrum(12, 7, laboratory=1), spectrum(13, 5, mz=200.001, laboratory=1))
    put(con, "library", *others, spectrum(14, 7), spectrum(15, 5, mz=200.003, laboratory=1))
    statement = schemas.read("queries/evaluation/answerable_pairs")
    found = {how: con.execute(statement, {"ppm": 10.0, "left_out": how}).fetchall() for how in ("copies", "contributor")}
    assert found == {"copies": [(1, 13, 2), (1, 12, 2), (1, 14, 2)], "contributor": [(1, 13, 2), (1, 12, 2)]}


def put_pairs(con, *pairs):
    names = ("place", "query_id", "library_id", "analyte_id", "score")
    put(con, "scored_pairs", *(dict(zip(names, (place, *pair), strict=True)) for place, pair in enumerate(pairs)))


@pytest.mark.covers("queries/evaluation/ranks_of_truth")
def test_ranks_of_truth(con):
    put_pairs(con, (2, 11, 5, 0.5), (2, 12, 7, 0.2), (2, 13, 7, 0.5), (1, 11, 5, 0.5), (1, 14, 5, 0.1), (1, 12, 7, 0.4))
    put(con, "truth", {"query_id": 1, "analyte_id": 5}, {"query_id": 2, "analyte_id": 7})
    # A tie goes to the smaller analyte.
    assert con.execute(schemas.read("queries/evaluation/ranks_of_truth")).fetchall() == [(1,), (2,)]


@pytest.mark.covers("queries/evaluation/merged_scores")
def test_merged_scores(con):
    # Two spectra of analyte 7 at right angles, and a query between them: merged they are the query.
    put(con, "library_vectors", *({"id": number, "embedding": vector} for number, vector in ((11, [1, 0]), (12, [0, 1]))))
    put_pairs(con, (1, 12, 7, 0.5), (1, 11, 7, 0.75), (2, 11, 7, 0.25))
    statement = schemas.read("queries/evaluation/merged_scores")
    merged = [score for (score,) in con.execute(statement, {"spectra": 8}).fetchall()]
    assert merged == [0.5, pytest.approx(1.25 / 2**0.5), 0.25]
    assert con.execute(statement, {"spectra": 1}).fetchall() == [(0.5,), (0.75,), (0.25,)]
