"""What metrics stand on: the queries of a search, the truth about them, and what counts as reported."""

import json

import pytest
from metric_lab import bare, filled, hits, rounded, search, spectrum
from table_rows import put

from spectradb import schemas
from spectradb.arrays.annotated_spectra import is_unseen
from spectradb.models.seen_in_training import analyte_marks


@pytest.fixture
def con():
    return filled()


@pytest.mark.covers("views/spectra/known_analytes")
def test_known_analytes_are_those_of_annotated_spectra(con):
    rows = con.sql("FROM known_analytes ORDER BY query_id").fetchall()
    assert rows == [
        *((1, "A"), (2, "B"), (3, "C"), (4, "Z"), (5, "D"), (7, "A"), (8, "Z")),
        *((101, "A"), (102, "B"), (103, "C"), (104, "D")),
    ]


@pytest.mark.covers("macros/metrics/truth/search_queries")
@pytest.mark.parametrize(
    ("per", "parts"),
    [
        ("search", ["all"] * 8),
        ("run", ["r1"] * 4 + ["r2"] * 4),
        ("dilution", ["10"] * 4 + ["20"] * 4),
        ("sample", ["one"] * 4 + ["two"] * 4),
        ("sample_group", ["g"] * 8),
        ("ion_mode", ["positive"] * 8),
        ("roast", ["dark"] * 4 + [None] * 4),
        ("contributor", [None] * 8),
        ("nothing", [None] * 8),
    ],
)
def test_queries_lie_in_parts_of_the_study(con, per, parts):
    rows = con.execute("SELECT query_id, part FROM search_queries('s', per := ?) ORDER BY query_id", [per]).fetchall()
    assert rows == list(enumerate(parts, 1))


def test_queries_carry_what_deciding_about_reach_needs(con):
    rows = con.sql("FROM search_queries('s') ORDER BY query_id LIMIT 1").fetchall()
    assert rows == [(1, "r1", None, "positive", 200.001, 1, "all")]


def test_a_search_of_some_contributors_asks_about_their_spectra_only():
    con = bare()
    put(
        con,
        "searches",
        search("some", study="lib", settings='{"contributors": ["x", "y"], "ratio": 3}'),
        search("all", study="lib"),
    )
    put(
        con,
        "spectra",
        *(spectrum("lib", i, "A", 200.0, contributor=who) for i, who in enumerate(["x", "y", "z", None], 1)),
    )
    assert con.sql("SELECT query_id FROM search_queries('some') ORDER BY ALL").fetchall() == [(1,), (2,)]
    assert con.sql("SELECT count(*) FROM search_queries('all')").fetchall() == [(4,)]


def test_names_of_contributors_are_read_out_of_json_without_its_extension():
    names = ['A "B", C] \\ D', "Universit\u00e9", "lab \U0001f9ea", "two\nlines\tand a tab", "u00e9"]
    con = bare()
    put(
        con,
        "searches",
        search("some", study="lib", settings=json.dumps({"contributors": names, "ratio": "[]"}, sort_keys=True)),
    )
    others = ["A", "Universite", "\u00e9", "ratio"]
    put(con, "spectra", *(spectrum("lib", i, "A", 200.0, contributor=who) for i, who in enumerate(names + others)))
    assert con.sql("SELECT query_id FROM search_queries('some') ORDER BY ALL").fetchall() == [(i,) for i in range(len(names))]
    files = [name for name in schemas.creation_order("macros/metrics") if not name.endswith("seen_in_training")]
    assert [name for name in files if "'$." in (text := schemas.read(name)) or "json_" in text] == []


@pytest.mark.covers("macros/metrics/truth/search_truth")
def test_search_truth(con):
    found = con.sql("FROM search_truth('s') ORDER BY query_id")
    assert found.columns == [
        *("query_id", "analyte_id", "n_candidate_analytes", "answerable", "rank_of_truth"),
        *("top_analyte_id", "score", "score_gap", "score_of_truth", "correct"),
    ]
    assert rounded(found.fetchall()) == [
        (1, "A", 2, True, 1, "A", 0.9, 0.4, 0.9, True),
        (2, "B", 2, True, 2, "A", 0.8, 0.2, 0.6, False),
        (3, "C", 0, False, None, None, None, None, None, False),
        (4, "Z", 2, False, None, "A", 0.7, 0.4, None, False),
        (5, "D", 1, True, 1, "D", 0.95, None, 0.95, True),
        (7, "A", 2, True, 1, "A", 0.6, 0.4, 0.6, True),
        (8, "Z", 2, False, None, "B", 0.4, 0.3, None, False),
    ]


def test_another_truth_can_be_supplied(con):
    con.execute(
        "CREATE TABLE told AS "
        "FROM (VALUES ('A', 6, 'sure'), ('D', 5, 'unsure'), ('A', 101, '')) AS t (analyte_id, query_id, note)"
    )
    rows = con.sql(
        "SELECT query_id, analyte_id, answerable, rank_of_truth FROM search_truth('s', truth := 'told') ORDER BY ALL"
    )
    assert rows.fetchall() == [(5, "D", True, 1), (6, "A", True, 2)]


def test_relations_may_have_the_names_that_the_macros_use_themselves(con):
    for name in ("queries", "told", "job", "of_search"):
        con.execute(f"CREATE TABLE {name} AS SELECT 6 AS query_id, 'A' AS analyte_id")
        rows = con.execute("SELECT query_id, analyte_id FROM search_truth('s', truth := ?)", [name]).fetchall()
        assert rows == [(6, "A")]


@pytest.mark.parametrize(
    ("mz", "reached"),
    [
        (200.0, True),
        (200.0 + 200.0 * 10e-6 * 0.999, True),
        (200.0 + 200.0 * 10e-6 * 1.001, False),
        (199.9981, True),
        (199.9979, False),
    ],
)
def test_the_right_analyte_must_be_within_the_window_of_the_query(mz, reached):
    con = bare()
    put(con, "searches", search("s"))
    put(con, "spectra", spectrum("st", 1, "A", 200.0), spectrum("lib", 2, "A", mz))
    assert con.sql("SELECT answerable FROM search_truth('s')").fetchall() == [(reached,)]


@pytest.mark.parametrize(
    ("library", "reached"),
    [
        ([("y", 9)], True),
        ([("x", 9)], False),  # of the query's own contributor
        ([("y", 1)], False),  # a copy of the query
        ([("y", 1), ("x", 9)], False),
        ([("y", 1), ("z", 9)], True),
        ([(None, 9)], True),
    ],
)
def test_what_was_left_out_of_the_search_is_out_of_reach(library, reached):
    con = bare()
    put(con, "searches", search("out", study="lib", left_out="contributor"), search("in", study="lib"))
    put(con, "spectra", spectrum("lib", 1, "A", 200.0, contributor="x", peaks_hash=1))
    put(con, "spectra", *(spectrum("lib", i, "A", 200.0, contributor=c, peaks_hash=h) for i, (c, h) in enumerate(library, 2)))
    ask = "SELECT answerable FROM search_truth('{}') WHERE query_id = 1"
    assert con.sql(ask.format("out")).fetchall() == [(reached,)]
    assert con.sql(ask.format("in")).fetchall() == [(True,)]
    put(con, "searches", search("no copies", study="lib", left_out="copies"))
    assert con.sql(ask.format("no copies")).fetchall() == [(any(h != 1 for _, h in library),)]


def test_spectra_without_a_contributor_count_as_of_one():
    con = bare()
    put(con, "searches", search("out", study="lib", left_out="contributor"))
    put(con, "spectra", spectrum("lib", 1, "A", 200.0), spectrum("lib", 2, "A", 200.0))
    assert con.sql("SELECT answerable FROM search_truth('out')").fetchall() == [(False,), (False,)]


@pytest.mark.covers("macros/metrics/truth/calls")
def test_judged_calls_of_queries(con):
    rows = con.sql("FROM calls('s', unit := 'query') ORDER BY item").fetchall()
    assert rounded(rows) == [
        ("all", "1", 0.9, True, True),
        ("all", "2", 0.8, False, True),
        ("all", "3", None, False, False),
        ("all", "4", 0.7, False, False),
        ("all", "5", 0.95, True, True),
        ("all", "7", 0.6, True, True),
        ("all", "8", 0.4, False, False),
    ]


def test_judged_calls_of_analytes(con):
    rows = con.sql("FROM calls('s') ORDER BY item").fetchall()
    assert rounded(rows) == [
        ("all", "A", 0.9, True, True),
        ("all", "B", 0.85, True, True),  # reported for a spectrum of which nothing is known
        ("all", "C", None, True, True),
        ("all", "D", 0.95, True, True),
        ("all", "Z", None, True, False),  # the library does not have it
    ]
    rows = con.sql("FROM calls('s', per := 'run') ORDER BY part, item").fetchall()
    assert rounded(rows) == [
        ("r1", "A", 0.9, True, True),
        ("r1", "B", None, True, True),
        ("r1", "C", None, True, True),
        ("r1", "Z", None, True, False),
        ("r2", "A", 0.6, True, True),
        ("r2", "B", 0.85, False, False),  # in the library, but not known to be in this run
        ("r2", "D", 0.95, True, True),
        ("r2", "Z", None, True, False),
    ]


def test_what_a_sample_holds_is_a_truth_without_queries(con):
    con.execute("CREATE TABLE plasma AS FROM (VALUES ('A'), ('D'), ('Q')) AS t (analyte_id)")
    rows = con.sql("SELECT * EXCLUDE (score) FROM calls('s', per := 'run', truth := 'plasma') ORDER BY part, item").fetchall()
    assert rows == [
        ("r1", "A", True, True),
        ("r1", "D", True, True),
        ("r1", "Q", True, False),
        ("r2", "A", True, True),
        ("r2", "B", False, False),
        ("r2", "D", True, True),
        ("r2", "Q", True, False),
    ]
    con.execute("CREATE TABLE mixtures AS FROM (VALUES ('r1', 'B'), ('r2', 'D'), (NULL, 'C')) AS t (run_id, analyte_id)")
    rows = con.sql("SELECT part, item, is_true FROM calls('s', per := 'run', truth := 'mixtures') WHERE is_true ORDER BY ALL")
    assert rows.fetchall() == [("r1", "B", True), ("r1", "C", True), ("r2", "C", True), ("r2", "D", True)]


def test_an_analyte_that_only_its_own_contributor_has_is_not_expected_of_it():
    con = bare()
    put(con, "searches", search("out", study="lib", left_out="contributor"))
    rows = [(1, "A", "x"), (2, "A", "y"), (3, "B", "x"), (4, "C", None)]
    put(con, "spectra", *(spectrum("lib", i, analyte, 200.0, contributor=c) for i, analyte, c in rows))
    put(con, "hits", *hits("out", 1, ("A", 0.5)))
    rows = con.sql("FROM calls('out', per := 'contributor') ORDER BY part, item").fetchall()
    assert rows == [("x", "A", 0.5, True, True), ("x", "B", None, True, False), ("y", "A", None, True, True)]


def seen(con, rows):
    return con.sql(f"SELECT query_id, spectrum_seen, analyte_seen, contributor_seen FROM {rows} ORDER BY query_id").fetchall()


def of_model(con, card):
    """Let the search s be by a model with that card; Odd measured 1, 3, 5 and 7, Even the others, under another licence."""
    put(con, "models", {"name": "m", "training_data": card if card is None else json.dumps(card)})
    con.execute("UPDATE searches SET model = 'm' WHERE search_id = 's'")
    con.execute("UPDATE spectra SET contributor = if(spectrum_id % 2 = 0, 'Even', 'Odd')")
    con.execute("UPDATE spectra SET source_license = if(spectrum_id % 2 = 0, 'CC BY-NC', 'CC0')")


@pytest.mark.covers("macros/metrics/truth/seen_in_training")
def test_what_learns_nothing_has_seen_nothing(con):
    assert seen(con, "seen_in_training('s')") == [(i, False, False, False) for i in range(1, 9)]
    of_model(con, None)
    assert seen(con, "seen_in_training('s')") == [(i, False, False, False) for i in range(1, 9)]


@pytest.mark.covers("macros/metrics/truth/seen_in_training")
def test_a_card_with_marks_tells_analytes(con):
    data = {"contributors": {"Odd": {}, "Even": {}}, "analyte_marks": analyte_marks(["A", "B"])}
    of_model(con, {"data": data, "training": {"split": {"licenses": ["CC0"]}}})
    # A and B are trained on; of them 1 and 7 (A) have the licence, 2 (B) has not. 6 is of an unknown analyte.
    assert seen(con, "seen_in_training('s')") == [
        *((1, True, True, True), (2, False, True, True), (3, False, False, True), (4, False, False, True)),
        *((5, False, False, True), (6, False, None, True), (7, True, True, True), (8, False, False, True)),
    ]


@pytest.mark.covers("macros/metrics/truth/seen_in_training")
def test_a_card_without_marks_tells_what_follows_from_its_split(con):
    share = 0.3
    assert [name for name in "ABCDZ" if is_unseen(name, share)] == ["D"]
    of_model(con, {"data": {"contributors": {"Odd": {}}}, "training": {"split": {"unseen_share": share}}})
    # Of Odd's 1 (A), 3 (C), 5 (D) and 7 (A), D was left out; of Even's B and Z nobody knows.
    assert seen(con, "seen_in_training('s')") == [
        *((1, True, True, True), (2, False, None, False), (3, True, True, True), (4, False, None, False)),
        *((5, False, False, True), (6, False, None, False), (7, True, True, True), (8, False, None, False)),
    ]


@pytest.mark.covers("macros/metrics/truth/seen_in_training")
def test_a_card_that_lists_nobody_tells_nothing(con):
    of_model(con, {"data": {"contributors": ["Odd"]}})
    assert seen(con, "seen_in_training('s')") == [(i, None, None, None) for i in range(1, 9)]
    con.execute("UPDATE models SET training_data = '\"spectra of MoNA\"'")
    assert seen(con, "seen_in_training('s')") == [(i, None, None, None) for i in range(1, 9)]
