"""Result tables as text."""

import pyarrow as pa

from spectradb.cli.text_table import plain_values, text_table


def test_table_with_every_kind_of_cell():
    table = pa.table(
        {
            "name": ["a", None],
            "n": [10, -3],
            "share": pa.array([0.1, None], pa.float32()),
            "sure": [True, False],
            "mz": [[1.5], []],
        }
    )
    assert text_table(table).splitlines() == [
        "┌──────┬────┬───────┬───────┬───────┐",
        "│ name │  n │ share │ sure  │ mz    │",
        "├──────┼────┼───────┼───────┼───────┤",
        "│ a    │ 10 │   0.1 │ true  │ [1.5] │",
        "│ NULL │ -3 │  NULL │ false │ []    │",
        "└──────┴────┴───────┴───────┴───────┘",
    ]


def test_table_without_rows():
    assert text_table(pa.table({"a": pa.array([], pa.int64())})).splitlines() == ["┌───┐", "│ a │", "├───┤", "└───┘"]


def test_single_precision_is_not_spelled_out():
    column = pa.chunked_array([pa.array([0.853, 1.0, None], pa.float32())])
    assert plain_values(column) == [0.853, 1.0, None]
    assert column.to_pylist()[0] != 0.853
