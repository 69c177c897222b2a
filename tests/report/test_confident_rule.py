"""The rule by which answers are called confident, as users write it and as a lab keeps it."""

import pytest
import tiny_lab as made_up

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.report.confident_answers import ConfidentAnswers
from spectradb.report.confident_rule import DEFAULT_RULE, read_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("probability >= 0.8", "probability >= 0.8"),
        ("  Score>=.7 AND matched_peaks >= 4 ", "score >= 0.7 and matched_peaks >= 4"),
        ("q_value<=5e-2, not  ambiguous", "q_value <= 0.05 and not ambiguous"),
        ("score_gap >= 0.1", "score_gap >= 0.1"),
        ("default", DEFAULT_RULE),
    ],
)
def test_a_rule_is_read_whole(text, rule):
    assert read_rule(text) == rule == read_rule(rule)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read; there are: probability >= NUMBER"),
        ("probability > 0.8", "cannot be read"),
        ("probability <= 0.8", "cannot be read"),
        ("q_value >= 0.05", "cannot be read"),
        ("probability >= 0.8 or score >= 1", "cannot be read"),
        ("ambiguous", "cannot be read"),
        ("mass >= 3", "cannot be read"),
        ("probability >= 80", "number between 0 and 1"),
        ("probability >= 0,8", "needs a number|cannot be read"),
        ("score >= nan", "number such as 0.7"),
        ("score >= 0.5 and score >= 0.6", "states score twice"),
    ],
)
def test_what_is_no_rule_is_refused(text, told):
    with pytest.raises(BadParameter, match=told):
        read_rule(text)


def test_a_lab_keeps_its_rule(tmp_path):
    with made_up.build(tmp_path) as lab:
        assert lab.confident().lines()[0] == "confident: probability >= 0.9"
        assert "6 answered, confident not known" in lab.confident().lines()[1]
        told = lab.confident("score >= 0.9 and matched_peaks >= 3")
        assert told.lines() == [
            "confident: score >= 0.9 and matched_peaks >= 3",
            "  kitchen: search first: 6 answered, 4 confident",
        ]
        assert lab.sql("SELECT count(*) FROM identifications WHERE score >= 0.9 AND matched_peaks >= 3").fetchall() == [(4,)]
        assert lab.sql("SELECT sum(n_confident), sum(n_answered), sum(n_spectra) FROM sample_summary").fetchall() == [(4, 6, 7)]
        with pytest.raises(BadParameter):
            lab.confident("sure")
        assert lab.confident().rule == told.rule
        lab.publish(rebuild=True)
        assert lab.confident("default").as_dict() == {
            "rule": DEFAULT_RULE,
            "searches": [
                {"search_id": "first", "study": "kitchen", "n_answered": 6, "n_confident": None, "best_probability": None}
            ],
        }


@pytest.mark.covers("queries/report/confident_counts")
def test_counts_of_confident_answers(tiny_lab):
    assert tiny_lab.sql(schemas.read("queries/report/confident_counts")).fetchall() == [("first", "kitchen", 6, None, None)]


def test_where_none_is_confident_the_surest_is_told():
    row = {"search_id": "s", "study": "t", "n_answered": 1200, "n_confident": 0, "best_probability": 0.8796}
    told = ConfidentAnswers("probability >= 0.9", (row, row | {"search_id": "u", "n_confident": 3}))
    assert told.lines_of("s") == [
        "  confident by the rule probability >= 0.9: 0; the surest of 1,200 answers has probability 0.88"
    ]
    assert told.lines_of("u") == ["  confident by the rule probability >= 0.9: 3"]
