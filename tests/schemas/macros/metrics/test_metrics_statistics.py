"""Welch's test in SQL, down to the incomplete beta function under it."""

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from metric_lab import bare, filled
from scipy import stats

CON = bare()


def one(expression, *values):
    ((value,),) = CON.execute(f"SELECT {expression}", list(values)).fetchall()
    return value


@pytest.mark.covers("macros/metrics/statistics/regularised_incomplete_beta")
@pytest.mark.parametrize(
    ("x", "a", "b", "expected"),
    [
        (0.25, 1, 1, 0.25),  # the uniform distribution
        (0.5, 2, 2, 0.5),
        (0.5, 2, 1, 0.25),  # x^2
        (0.75, 1, 2, 0.9375),  # 1 - (1 - x)^2
        (0.0, 3, 4, 0.0),
        (1.0, 3, 4, 1.0),
        (5e-324, 0.5, 2, 1.5 * 5e-324**0.5),
    ],
)
def test_incomplete_beta_in_closed_form(x, a, b, expected):
    assert one("regularised_incomplete_beta(?::DOUBLE, ?, ?)", x, a, b) == pytest.approx(expected, rel=1e-13)


def test_without_a_value_there_is_none():
    assert CON.sql(
        "SELECT regularised_incomplete_beta(NULL, 3, 4), student_t_p_one_sided(NULL, 3), student_t_p_one_sided(3, NULL)"
    ).fetchall() == [(None, None, None)]


def incomplete_beta(x, a, b):
    """To 40 digits: SciPy errs by more than 1e-9 at (0.28125, 568, 13), and by up to a half where x is subnormal."""
    with mpmath.workdps(40):
        return mpmath.betainc(*map(mpmath.mpf, (a, b, 0, x)), regularized=True)


@given(x=st.floats(0, 1), a=st.floats(0.05, 1000), b=st.floats(0.05, 1000))
@example(x=0.28125, a=568.0, b=13.0)
@example(x=5e-324, a=0.05, b=1000.0)
@settings(deadline=None)
def test_incomplete_beta_agrees_with_mpmath(x, a, b):
    found = one("regularised_incomplete_beta(?::DOUBLE, ?, ?)", x, a, b)
    assert found == pytest.approx(float(incomplete_beta(x, a, b)), rel=1e-11, abs=1e-300)


@pytest.mark.covers("macros/metrics/statistics/student_t_p_one_sided")
@pytest.mark.parametrize(("t", "df", "expected"), [(0.0, 5, 0.5), (1.0, 1, 0.25), (-1.0, 1, 0.75)])
def test_student_t_in_closed_form(t, df, expected):
    assert one("student_t_p_one_sided(?::DOUBLE, ?)", t, df) == pytest.approx(expected, rel=1e-13)


@given(t=st.floats(-60, 60), df=st.floats(1, 500))
@settings(deadline=None)
def test_student_t_agrees_with_mpmath_far_into_the_tail(t, df):
    with mpmath.workdps(40):
        half = incomplete_beta(df / (df + mpmath.mpf(t) ** 2), df / 2, 0.5) / 2
        expected = float(half if t > 0 else 1 - half)
    assert one("student_t_p_one_sided(?::DOUBLE, ?)", t, df) == pytest.approx(expected, rel=1e-11, abs=1e-300)


@pytest.mark.covers("macros/metrics/statistics/welch_t")
def test_welch_t_by_hand():
    found = CON.sql("SELECT unnest(welch_t(1, 2, 4, 3, 2, 4))")
    assert found.columns == ["t", "df", "p_greater", "p_two_sided"]
    # both standard errors are 1/2, so t = 2 and df = 1 / (2 * 1/4 / 3)
    ((t, df, greater, both),) = found.fetchall()
    assert (t, df) == pytest.approx((2.0, 6.0), rel=1e-13)
    assert both == pytest.approx(2 * greater, rel=1e-13)
    assert greater == pytest.approx(stats.t.sf(2, 6), rel=1e-12)


@pytest.mark.parametrize("values", ["0.5, 0, 4, 0.7, 0, 4", "0.5, NULL, 1, 0.7, 1, 4", "NULL, NULL, 0, 0.7, 1, 4"])
def test_without_variation_or_values_there_is_no_test(values):
    assert CON.sql(f"SELECT unnest(welch_t({values}))").fetchall() == [(None, None, None, None)]


@given(
    a=st.lists(st.floats(0, 1, width=16), min_size=2, max_size=20).filter(lambda x: np.std(x) > 1e-3),
    b=st.lists(st.floats(0, 1, width=16), min_size=2, max_size=20).filter(lambda x: np.std(x) > 1e-3),
)
def test_welch_t_agrees_with_scipy(a, b):
    means = (np.mean(a), np.var(a, ddof=1), len(a), np.mean(b), np.var(b, ddof=1), len(b))
    ((t, df, greater, both),) = CON.execute(
        "SELECT unnest(welch_t(?, ?, ?, ?, ?, ?))", [v.item() if hasattr(v, "item") else v for v in means]
    ).fetchall()
    one_sided = stats.ttest_ind(b, a, equal_var=False, alternative="greater")
    two_sided = stats.ttest_ind(b, a, equal_var=False)
    assert t == pytest.approx(two_sided.statistic, rel=1e-9, abs=1e-12)
    assert df == pytest.approx(two_sided.df, rel=1e-9)
    assert greater == pytest.approx(one_sided.pvalue, rel=1e-8)
    assert both == pytest.approx(two_sided.pvalue, rel=1e-8)


@pytest.mark.covers("macros/metrics/statistics/welch_test")
def test_welch_test_takes_the_precision_at_the_best_thresholds():
    con = filled()
    found = con.sql("FROM welch_test('s', 't', per := 'search', unit := 'query', step := 0.1, top := 3)")
    assert found.columns == [
        *("part", "n_a", "n_b", "mean_a", "mean_b", "variance_a", "variance_b", "t", "df", "p_greater", "p_two_sided"),
    ]
    ((part, n_a, n_b, mean_a, mean_b, variance_a, variance_b, t, df, greater, both),) = found.fetchall()
    # The highest three of the thresholds with F1 2/3: s at .9 (2 right, 0 wrong), .6 and .5 (3 right, 2 wrong); t at .8 and .7
    # (2 right, 0 wrong) and .5 (3 right, 2 wrong).
    a, b = [1.0, 0.6, 0.6], [1.0, 1.0, 0.6]
    assert (part, n_a, n_b) == ("all", 3, 3)
    assert (mean_a, variance_a) == pytest.approx((np.mean(a), np.var(a, ddof=1)))
    assert (mean_b, variance_b) == pytest.approx((np.mean(b), np.var(b, ddof=1)))
    expected = stats.ttest_ind(b, a, equal_var=False)
    assert (t, df, both) == pytest.approx((expected.statistic, expected.df, expected.pvalue))
    assert greater == pytest.approx(stats.t.sf(t, df))


def test_welch_test_divides_the_study():
    rows = filled().sql("SELECT part, n_a, n_b FROM welch_test('s', 't', top := 4)").fetchall()
    assert rows == [("10", 4, 4), ("20", 4, 4)]
