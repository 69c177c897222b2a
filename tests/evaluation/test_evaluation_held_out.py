import dataclasses

import numpy as np
from evaluated_spectra import data_of
from toy_parts import Parts

from spectradb.arrays.annotated_spectra import SplitConfig, is_unseen
from spectradb.evaluation import held_out as evaluation_held_out
from spectradb.evaluation.held_out import held_out_metrics
from spectradb.evaluation.window_search import CandidatePairs

SHARE = 0.2
LEFT_OUT = next(name for name in (f"M{i}" for i in range(100)) if is_unseen(name, SHARE))
KEPT = next(name for name in (f"K{i}" for i in range(100)) if not is_unseen(name, SHARE))
SPLIT = SplitConfig(test_contributors=("Test",), dev_contributors=("Dev",), unseen_share=SHARE)
ROWS = (
    ("Dev", KEPT, 200.0),  # 0
    ("Dev", LEFT_OUT, 200.0),  # 1
    ("One", KEPT, 200.0),  # 2
    ("One", LEFT_OUT, 200.0),  # 3
    ("Two", LEFT_OUT, 200.0),  # 4
    ("Test", KEPT, 200.0),  # 5
    ("Test", LEFT_OUT, 200.0),  # 6
)


def asked(monkeypatch, data, split):
    """The pairs that were scored, by protocol, beside what came out."""
    seen = []
    evaluate = evaluation_held_out.evaluate

    def noted(*given, **more):
        seen.append(given[1])
        return evaluate(*given, **more)

    monkeypatch.setattr(evaluation_held_out, "evaluate", noted)
    found = held_out_metrics(data, split, Parts())
    return dict(zip(found, seen, strict=True)), found


def test_dev_contributors_and_left_out_molecules_are_asked_for(tmp_path, monkeypatch):
    pairs, found = asked(monkeypatch, data_of(tmp_path, *ROWS), SPLIT)
    both = {
        name: list(zip(each.query.tolist(), each.reference.tolist(), strict=True))
        for name, each in pairs.items()
        if isinstance(each, CandidatePairs)
    }
    assert both == {
        "dev_contributors": [(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4)],
        "left_out_molecules": [(3, 4), (4, 2), (4, 3)],
    }
    first = found["dev_contributors"]["rows"][0]
    assert (first["method"], first["subset"], first["n_queries"]) == ("binned", "all", 2)
    assert {row["method"] for row in found["left_out_molecules"]["rows"]} == {
        "binned",
        "binned merged",
        "parts",
        "parts merged",
        "parts hash",
        "parts encoder",
    }
    assert {row["baseline"] for row in found["left_out_molecules"]["rows"] if "baseline" in row} == {"binned"}
    parts = {name: {row["subset"] for row in each["rows"]} for name, each in found.items()}
    assert {"seen molecules", "contributor Dev"} <= parts["dev_contributors"]
    assert parts["left_out_molecules"] == {"all", "unseen molecules", "left out by hash", "positive", "high resolution"}


def test_spectra_of_test_contributors_take_no_part(tmp_path, monkeypatch):
    data = data_of(tmp_path, *ROWS)
    touched = []
    take = type(data).take
    monkeypatch.setattr(type(data), "take", lambda self, rows: touched.extend(np.asarray(rows).tolist()) or take(self, rows))
    asked(monkeypatch, data, SPLIT)
    assert set(touched) == {0, 1, 2, 3, 4}


def test_what_the_split_does_not_leave_out_is_not_asked_for(tmp_path, monkeypatch):
    data = data_of(tmp_path, *ROWS)
    assert list(asked(monkeypatch, data, SPLIT.without())[1]) == ["left_out_molecules"]
    assert list(asked(monkeypatch, data, dataclasses.replace(SPLIT, unseen_share=0.0))[1]) == ["dev_contributors"]
    assert held_out_metrics(data, SplitConfig(unseen_share=0.0), Parts()) == {}
