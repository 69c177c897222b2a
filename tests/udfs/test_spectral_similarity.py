"""The scores as functions of SQL."""

import duckdb
import numpy as np
import pytest

import spectradb


@pytest.fixture(scope="module")
def con():
    return spectradb.extend(duckdb.connect())


def one(con, expression):
    ((value,),) = con.sql(f"SELECT {expression}").fetchall()
    return value


FIRST, SECOND = "[100, 200], [9, 16]", "[100.005, 200.02], [4, 1]"


def test_each_function(con):
    root = 5 * 5**0.5
    assert one(con, f"cosine_greedy({FIRST}, {SECOND}, 0.01)") == pytest.approx(6 / root)
    assert one(con, f"cosine_greedy({FIRST}, {SECOND}, 0.05)") == pytest.approx(10 / root)
    crowded = "[100, 100.1], [16, 9], [99.95, 100.05], [9, 16]"
    assert one(con, f"cosine_greedy({crowded}, 0.06)") == pytest.approx(16 / 25)
    assert one(con, f"cosine_hungarian({crowded}, 0.06)") == pytest.approx(24 / 25)
    shifted = "[100, 214], [9, 16], 314, [100, 200], [9, 16], 300"
    assert one(con, f"modified_cosine({shifted}, 0.01)") == pytest.approx(1)
    assert one(con, f"modified_cosine_hungarian({shifted}, 0.01)") == pytest.approx(1)
    assert one(con, "modified_cosine([100, 214], [9, 16], 314, [100, 200], [9, 16], 314, 0.01)") == pytest.approx(9 / 25)
    assert one(con, "weighted_cosine([100, 200], [4, 9], [100.0005, 300], [1, 16], 10, 'SQRT')") == pytest.approx(2 / 221**0.5)
    assert one(con, "weighted_cosine([100, 200], [4, 9], [100.0005, 300], [1, 16], 10, 'NONE')") == pytest.approx(
        4 / (97 * 257) ** 0.5
    )
    assert one(con, "entropy_similarity([100, 200], [1, 1], [100], [3], 0.01)") == pytest.approx((1.5 * np.log2(1.5) + 0.5) / 2)


def test_null_in_null_out_and_nothing_in_zero_out(con):
    assert one(con, f"cosine_greedy(NULL, [1], {SECOND}, 0.01)") is None
    assert one(con, f"cosine_greedy({FIRST}, {SECOND}, NULL)") is None
    assert one(con, f"modified_cosine({FIRST}, NULL, {SECOND}, 300, 0.01)") is None
    assert one(con, f"weighted_cosine({FIRST}, {SECOND}, 10, NULL)") is None
    assert one(con, f"entropy_similarity([], [], {SECOND}, 0.01)") == 0


def test_peaks_in_any_order(con):
    assert one(con, "cosine_greedy([200, 100], [16, 9], [100, 200], [9, 16], 0.01)") == pytest.approx(1)
    assert one(con, "entropy_similarity([200, 100], [16, 9], [100, 200], [9, 16], 0.01)") == pytest.approx(1)


def test_settings_may_differ_by_row(con):
    rows = con.sql(
        f"SELECT cosine_greedy({FIRST}, {SECOND}, tolerance) "
        "FROM (VALUES (0, 0.05), (1, 0.01), (2, NULL), (3, 0.05)) AS t(i, tolerance) ORDER BY i"
    ).fetchall()
    narrow, wide = 6 / (5 * 5**0.5), 10 / (5 * 5**0.5)
    assert [row[0] for row in rows] == [pytest.approx(wide), pytest.approx(narrow), None, pytest.approx(wide)]


def test_more_rows_than_a_chunk(con):
    # A spectrum of one peak at 100 + i % 7 matches those of the same remainder.
    found = con.sql(
        "SELECT i, cosine_greedy([100 + i % 7], [i + 1], [100 + i % 5, 300], [1, 1], 0.01) AS score "
        "FROM range(10000) AS t(i) ORDER BY i"
    ).fetchnumpy()
    i = found["i"]
    np.testing.assert_allclose(found["score"], np.where(i % 7 == i % 5, 0.5**0.5, 0))


def test_settings_that_mean_nothing(con):
    with pytest.raises(duckdb.Error, match=r"tolerance_da is -1.0; give a number that is positive"):
        con.sql(f"SELECT cosine_greedy({FIRST}, {SECOND}, -1)").fetchall()
    with pytest.raises(duckdb.Error, match="give one of NONE, SQRT"):
        con.sql(f"SELECT weighted_cosine({FIRST}, {SECOND}, 10, 'best')").fetchall()
