import numpy as np
import pytest
from evaluated_spectra import data_of, score_table
from toy_parts import Parts

from spectradb.errors import BadParameter
from spectradb.evaluation.evaluate import evaluate, method_scores
from spectradb.evaluation.queries import search_pairs
from spectradb.evaluation.report import as_values, member_lines, report_lines

# Queries 0, 1 (X), 2 (Y) of the laboratory A and 3 (Z) of its own window; library 4 (X), 5 (X), 6 (Y), 7 (Z).
ROWS = (
    *(("A", "X", 200.0), ("A", "X", 200.0), ("A", "Y", 200.0), ("A", "Z", 300.0)),
    *(("B", "X", 200.0), ("B", "X", 200.0), ("B", "Y", 200.0), ("B", "Z", 300.0)),
)
# Plain answers query 0 rightly, 1 wrongly, 2 wrongly by a tie that the smaller identifier wins, and 3 as anything does.
PLAIN = {(0, 4): 0.9, (0, 6): 0.2, (1, 5): 0.3, (1, 6): 0.8, (2, 4): 0.5, (2, 6): 0.5, (3, 7): 0.6}
# Better answers all rightly.
BETTER = {(0, 4): 0.9, (0, 6): 0.2, (1, 5): 0.8, (1, 6): 0.1, (2, 4): 0.5, (2, 6): 0.6, (3, 7): 0.6}


@pytest.fixture
def data(tmp_path):
    return data_of(tmp_path, *ROWS)


@pytest.fixture
def pairs(data):
    return search_pairs(data, ["A"])


@pytest.fixture
def evaluation(data, pairs):
    return evaluate(data, pairs, {"plain": score_table(pairs, PLAIN), "better": score_table(pairs, BETTER)}, n_draws=200)


def row(evaluation, method, *, subset="all", candidates="any"):
    (found,) = [
        each
        for each in evaluation.rows.to_pylist()
        if (each["method"], each["subset"], each["candidates"]) == (method, subset, candidates)
    ]
    return found


def test_all_queries(evaluation):
    plain = row(evaluation, "plain")
    assert (plain["n_queries"], plain["n_analytes"]) == (4, 3)
    assert plain["top_1"] == 2 / 4
    assert plain["top_5"] == 1.0
    assert plain["top_1_per_analyte"] == pytest.approx((0.5 + 0 + 1) / 3)
    assert plain["top_5_per_analyte"] == 1.0
    # Right answers score 0.9 and 0.6, wrong ones 0.8 and 0.5: three of the four pairs are in order.
    assert plain["auc_in_reach"] == 0.75
    assert (plain["baseline"], plain["difference"], plain["difference_low"]) == (None, None, None)


def test_queries_that_had_a_choice(evaluation):
    plain, better = (row(evaluation, name, candidates="2 or more") for name in ("plain", "better"))
    assert (plain["n_queries"], plain["n_analytes"], plain["top_1"]) == (3, 2, pytest.approx(1 / 3))
    assert plain["top_1_per_analyte"] == 0.25
    assert better["top_1"] == 1.0
    assert better["difference"] == pytest.approx(2 / 3)
    assert better["difference_per_analyte"] == 0.75
    assert better["baseline"] == "plain"
    assert better["auc_in_reach"] is None
    # Drawing two of two analytes gives X alone (one half more is right), Y alone (all more) or both.
    assert (better["difference_low"], better["difference_high"]) == (0.5, 1.0)
    assert (better["difference_per_analyte_low"], better["difference_per_analyte_high"]) == (0.5, 1.0)
    assert (plain["top_1_low"], plain["top_1_high"]) == (0.0, 0.5)


def test_queries_that_had_none(evaluation):
    single = row(evaluation, "plain", candidates="1")
    assert (single["n_queries"], single["top_1"], single["top_1_low"], single["top_1_high"]) == (1, 1.0, 1.0, 1.0)


def test_the_fifth_place_counts_and_the_sixth_does_not(tmp_path):
    names = "UVWXYZ"
    data = data_of(tmp_path, *(("A", name, 200.0) for name in "YZ"), *(("B", name, 200.0) for name in names))
    pairs = search_pairs(data, ["A"])
    falling = evaluate(data, pairs, {"by name": lambda q, r: -data.analyte[r].astype(float)}, n_draws=10)
    assert row(falling, "by name")["top_1"] == 0.0
    assert row(falling, "by name")["top_5"] == 0.5


def test_each_isomer_by_itself(evaluation):
    assert [tuple(each.values()) for each in evaluation.members.to_pylist()] == [
        (0, "positive", 200.0, 2, "X", 2, "plain", 0.5, None),
        (0, "positive", 200.0, 2, "X", 2, "better", 1.0, 0.5),
        (0, "positive", 200.0, 2, "Y", 1, "plain", 0.0, None),
        (0, "positive", 200.0, 2, "Y", 1, "better", 1.0, 1.0),
    ]


def test_another_baseline(data, pairs):
    methods = {"plain": score_table(pairs, PLAIN), "better": score_table(pairs, BETTER)}
    changed = evaluate(data, pairs, methods, baseline="better", n_draws=10)
    assert row(changed, "plain")["difference"] == -0.5
    assert row(changed, "better")["difference"] is None


def test_what_at_least_one_method_answers(data, pairs):
    worse = {**PLAIN, (0, 6): 0.95, (1, 5): 0.9}  # rightly only query 1, which plain does not, and 3
    methods = {"plain": score_table(pairs, PLAIN), "worse": score_table(pairs, worse)}
    both = evaluate(data, pairs, methods, n_draws=10)
    assert [(each["top_1"], each["top_1_by_any"]) for each in both.rows.to_pylist()[:2]] == [(0.5, 0.75), (0.5, 0.75)]
    alone = evaluate(data, pairs, {"plain": methods["plain"]}, n_draws=10)
    assert row(alone, "plain")["top_1_by_any"] == 0.5
    assert not [line for line in report_lines(alone) if line.startswith("right by")]


def test_scores_of_pairs_may_come_from_a_function(data, pairs):
    def given(left, right):
        assert left.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
        assert right.tolist() == [4, 5, 6, 4, 5, 6, 4, 5, 6, 7]
        return [PLAIN.get(pair, 0.0) for pair in zip(left.tolist(), right.tolist(), strict=True)]

    by_function = evaluate(data, pairs, {"plain": given}, n_draws=10)
    by_array = evaluate(data, pairs, {"plain": score_table(pairs, PLAIN)}, n_draws=10)
    assert by_function.rows.equals(by_array.rows)


def test_mistakes_are_said(data, pairs):
    scores = score_table(pairs, PLAIN)
    with pytest.raises(BadParameter, match="the baseline 'binned' is not among the methods \\['plain'\\]"):
        evaluate(data, pairs, {"plain": scores}, baseline="binned")
    with pytest.raises(BadParameter, match="among the methods \\[\\]"):
        evaluate(data, pairs, {})
    for wrong in (scores[:-1], scores * np.nan):
        with pytest.raises(BadParameter, match=r"plain: scores of shape .*one finite number for each of 10 pairs"):
            evaluate(data, pairs, {"plain": wrong})


def test_embedders_are_scored_as_a_lab_stores_them(data, pairs):
    embedder = Parts()
    scores = method_scores(data, pairs, embedder)
    assert list(scores) == ["parts", "parts merged", "parts hash", "parts encoder"]
    peaks = data.take(np.array([0, 6])).peaks
    for name, vectors in zip(
        [name for name in scores if name != "parts merged"], (embedder.embed(peaks), *embedder.embed_parts(peaks)), strict=True
    ):
        stored = vectors.astype(np.float16).astype(np.float64)
        stored /= np.linalg.norm(stored, axis=1, keepdims=True)
        assert scores[name][2] == pytest.approx(stored[0] @ stored[1], abs=1e-6)
    assert list(method_scores(data, pairs, embedder, parts=False)) == ["parts", "parts merged"]


def test_what_is_printed(evaluation):
    lines = report_lines(evaluation)
    assert lines[:6] == [
        "all, candidates: any (4 queries of 3 analytes)",
        "        top-1 %               per analyte %         top-5 % AUC in reach  difference in top-1, points",
        "plain    50.00 [  0.0, 100.0]  50.00 [  0.0, 100.0]  100.00        0.750",
        "better  100.00 [100.0, 100.0] 100.00 [100.0, 100.0]  100.00            -  +50.00 [+0.00, +100.00] from plain",
        "right by at least one method: 100.00%",
        "",
    ]
    assert member_lines(evaluation) == [
        "",
        "m/z 200.0000 positive, 2 members, top-1 %",
        "               queries  plain  better",
        "X                    2     50   100.0",
        "Y                    1      0   100.0",
    ]


def test_what_a_program_gets(evaluation):
    rows, members = as_values(evaluation.rows), as_values(evaluation.members)
    assert rows[0]["top_1_per_analyte"] == 0.5
    assert "difference" not in rows[0]
    assert members[1] == {
        "group": 0,
        "ion_mode": "positive",
        "precursor_mz": 200.0,
        "n_members": 2,
        "analyte_id": "X",
        "n_queries": 2,
        "method": "better",
        "top_1": 1.0,
        "difference": 0.5,
    }
