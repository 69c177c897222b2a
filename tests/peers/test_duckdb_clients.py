"""How the answers of DuckDB clients are compared and counted; and the probe, run by the client of this environment."""

import sys
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).parent))

import duckdb_clients

from spectradb import schemas

ROWS = [[1, "a", 0.5, {"score": 0.25}], [2, "b", None, {"score": None}]]


def test_rows_in_another_order_with_the_same_numbers_are_the_same():
    other = [[2, "b", None, {"score": None}], [1, "a", 0.5000001, {"score": 0.2500001}]]
    assert duckdb_clients.is_same(other, ROWS)


def test_another_number_text_or_row_is_not_the_same():
    assert not duckdb_clients.is_same([[1, "a", 0.5001, {"score": 0.25}], ROWS[1]], ROWS)
    assert not duckdb_clients.is_same([[1, "a", 0.5, {"score": 0.26}], ROWS[1]], ROWS)
    assert not duckdb_clients.is_same([[1, "c", 0.5, {"score": 0.25}], ROWS[1]], ROWS)
    assert not duckdb_clients.is_same([[1, "a", None, {"score": 0.25}], ROWS[1]], ROWS)
    assert not duckdb_clients.is_same(ROWS[:1], ROWS)
    assert not duckdb_clients.is_same("error: no such macro", ROWS)


def test_clients_are_counted_by_what_they_answer():
    first = {
        "open": [[]],
        "table hits": ROWS,
        "view v": ROWS,
        "macro m (0)": ROWS,
        "whole identify": ROWS,
        "comment on x": ROWS,
    }
    some = first | {"macro m (0)": "error: no such function", "view v": ROWS[:1]}
    rows, others = duckdb_clients.verdicts({"3": first, "2": some, "1": {"open": "error: version number 68"}})
    assert rows == [
        ["3", "all", "all", "all", "all", "all"],
        ["2", "all", "0 of 1", "0 of 1", "all", "all"],
        ["1", *["refused"] * 5],
    ]
    assert others == {
        "3": {},
        "2": {"view v": ROWS[:1], "macro m (0)": "error: no such function"},
        "1": {"open": "error: version number 68"},
    }


def test_the_probe_tells_rows_and_errors(tiny_lab, tmp_path):
    probes = {"first": "SELECT search_id, 0.5::FLOAT, 'nan'::DOUBLE FROM searches", "none": "FROM nowhere"}
    told = duckdb_clients.ask(Path(sys.executable), tiny_lab.published, probes, tmp_path)
    assert told["open"] == [[]]
    assert told["first"] == [["first", 0.5, "nan"]]
    assert told["none"].startswith("error: Catalog Error: Table with name nowhere")
    (tmp_path / "none.duckdb").write_text("nothing")
    assert duckdb_clients.ask(Path(sys.executable), tmp_path / "none.duckdb", probes, tmp_path)["open"].startswith("error: ")


def test_every_macro_of_the_page_that_needs_no_python_is_asked():
    asked = {name.split()[1] for name, _ in duckdb_clients.macro_examples()}
    assert {"identify", "similarity_join", "top_k_accuracy", "adduct_pairs"} <= asked
    assert {"network", "fragment_search", "annotation_diff", "analogues", "expected_tanimoto", "massql_scaninfo"} <= asked
    assert len(asked) > 70


def test_the_objects_of_a_lab_are_found(tiny_lab):
    probes = duckdb_clients.probes_of(tiny_lab.published)
    assert {"table hits", "view identifications", "view of vectors kitchen__default", "whole identify"} <= set(probes)
    with duckdb.connect(tiny_lab.published, read_only=True) as con:
        assert con.execute(probes["table searches"]).fetchall()


def test_without_examples_the_named_questions_are_asked(tiny_lab):
    probes = duckdb_clients.probes_of(tiny_lab.published, examples=False)
    assert not any(name.startswith("macro ") for name in probes)
    assert {"whole identify", "whole top_k_accuracy", "comment on columns", "view identifications"} <= set(probes)


def test_nothing_published_keeps_older_clients_out():
    # One macro with a recursion USING KEY, and DuckDB before 1.3 cannot open the file that it is in.
    published = (schemas.statements_only(name) for name in schemas.creation_order("macros", "views"))
    assert [text for text in published if "USING KEY" in text.upper()] == []
