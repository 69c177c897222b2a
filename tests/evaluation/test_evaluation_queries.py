import numpy as np
import pytest
from evaluated_spectra import data_of

from spectradb.arrays.annotated_spectra import SplitConfig, is_unseen
from spectradb.errors import BadParameter, NoSpectra
from spectradb.evaluation.queries import isomer_groups, query_subsets, search_pairs, trained_analytes

ROWS = (
    ("A", "X", 200.0),  # 0
    ("B", "X", 200.0),  # 1
    ("C", "X", 200.0),  # 2
    ("B", "Y", 200.001),  # 3
    ("A", "Y", 200.001),  # 4
)


def pairs_of(pairs):
    return list(zip(pairs.query.tolist(), pairs.reference.tolist(), strict=True))


def test_the_library_leaves_out_all_who_ask(tmp_path):
    data = data_of(tmp_path, *ROWS)
    pairs = search_pairs(data, ["A", "B"])
    assert pairs_of(pairs) == [(0, 2), (1, 2)]  # nobody else has Y
    assert pairs.queries.tolist() == [0, 1]


def test_or_only_the_one_who_asks(tmp_path):
    data = data_of(tmp_path, *ROWS)
    pairs = search_pairs(data, ["B", "A"], one_by_one=True)
    assert pairs_of(pairs) == [(0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (1, 4), (3, 0), (3, 2), (3, 4), (4, 1), (4, 2), (4, 3)]
    assert pairs.queries.tolist() == [0, 1, 3, 4]
    assert pairs.n_candidates.tolist() == [2, 2, 2, 2]


def test_spectra_that_take_no_part(tmp_path):
    data = data_of(tmp_path, *ROWS)
    queries, library = np.array([True, True, True, True, False]), np.array([True, False, True, True, True])
    assert pairs_of(search_pairs(data, ["A", "B"], queries=queries, library=library, one_by_one=True)) == [
        *((0, 2), (0, 3)),
        *((1, 0), (1, 2), (1, 4)),
        *((3, 0), (3, 2), (3, 4)),
    ]


def test_who_is_unknown_is_named_and_nothing_to_ask_is_said(tmp_path):
    data = data_of(tmp_path, *ROWS)
    with pytest.raises(BadParameter, match=r"no spectrum is from D\. Name contributors among: A, B, C"):
        search_pairs(data, ["A", "D"])
    with pytest.raises(NoSpectra, match="no query has its analyte in the library"):
        search_pairs(data, ["A", "B", "C"])


def test_parts_of_the_queries(tmp_path):
    left_out = next(name for name in (f"M{i}" for i in range(100)) if is_unseen(name, 0.2))
    kept = next(name for name in (f"K{i}" for i in range(100)) if not is_unseen(name, 0.2))
    low = {"instrument_type": "LC-ESI-QQ"}
    data = data_of(
        tmp_path,
        ("A", left_out, 200.0),
        ("B", left_out, 200.0),
        ("A", kept, 300.0, {"ion_mode": "negative", **low}),
        ("B", kept, 300.0, {"ion_mode": "negative"}),
    )
    pairs = search_pairs(data, ["A", "B"], one_by_one=True)
    seen = trained_analytes(data, SplitConfig(unseen_share=0.2))
    assert seen == {kept}
    parts = query_subsets(data, pairs, seen=seen, unseen_share=0.2)
    assert {name: np.flatnonzero(chosen).tolist() for name, chosen in parts.items()} == {
        "all": [0, 1, 2, 3],
        "seen molecules": [2, 3],
        "unseen molecules": [0, 1],
        "left out by hash": [0, 1],
        "positive": [0, 1],
        "negative": [2, 3],
        "high resolution": [0, 1, 3],
        "low resolution": [2],
        "contributor A": [0, 2],
        "contributor B": [1, 3],
    }
    assert list(query_subsets(data, pairs)) == [
        *("all", "positive", "negative", "high resolution", "low resolution", "contributor A", "contributor B")
    ]


def test_isomers_are_linked_by_their_precursors(tmp_path):
    data = data_of(
        tmp_path,
        *(("A", name, mz) for name, mz in (("X", 200.0), ("Y", 200.0015), ("X", 200.003), ("Z", 300.0), ("V", 400.0))),
        *(("B", name, mz) for name, mz in (("X", 200.0015), ("Y", 200.0015), ("Z", 300.0), ("W", 300.0), ("V", 400.0))),
        ("A", "X", 200.0, {"ion_mode": "negative"}),
        *(("B", name, 200.0, {"ion_mode": "negative"}) for name in "XY"),
    )
    pairs = search_pairs(data, ["A"])
    assert pairs.queries.tolist() == [0, 1, 2, 3, 4, 10]
    assert pairs.n_candidates.tolist() == [2, 2, 2, 2, 1, 2]
    # 7.5 ppm lie between the steps; Z and the X in negative mode have nobody beside them, V no second candidate.
    assert isomer_groups(data, pairs, ppm=10.0).tolist() == [0, 0, 0, -1, -1, -1]
    assert isomer_groups(data, pairs, ppm=5.0).tolist() == [-1, -1, -1, -1, -1, -1]


def test_no_isomers_no_groups(tmp_path):
    data = data_of(tmp_path, ("A", "X", 200.0), ("B", "X", 200.0))
    assert isomer_groups(data, search_pairs(data, ["A"])).tolist() == [-1]
