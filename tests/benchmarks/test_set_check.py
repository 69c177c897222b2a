"""The check of sets: what limits of some laboratories keep of others' queries, worked out by hand."""

import metric_lab
import pytest
from table_rows import put

from spectradb import schemas
from spectradb.benchmarks import calibration_check, set_check


@pytest.fixture
def con():
    """Two laboratories of sixty queries: of u every truth comes first, of v every other one is .2 behind."""
    con = metric_lab.bare()
    for name in schemas.creation_order("macros/sets"):
        con.execute(schemas.read(name))
    put(con, "searches", metric_lab.search("s"))
    put(con, "spectra", *(metric_lab.spectrum("lib", 1000 + n, f"A{n}", 200.0) for n in range(61)))
    for start, laboratory in ((0, "u"), (100, "v")):
        for n in range(60):
            query, second = start + n, laboratory == "v" and n % 2
            put(con, "spectra", metric_lab.spectrum("st", query, f"A{n}", 200.0, contributor=laboratory))
            ranked = [(f"A{n}", 0.7), ("A60", 0.5)] if not second else [("A60", 0.7), (f"A{n}", 0.5)]
            put(con, "hits", *metric_lab.hits("s", query, *ranked))
    return con


def test_each_laboratory_is_judged_by_the_others(con):
    rows = {(row["coverage"], row["candidates"]): row for row in set_check.check(con, "s")}
    assert {candidates for _, candidates in rows} == {"2", "2 and more", "all"}
    row = rows[0.8, "2"]
    # By u alone the first answer is enough, which half of v's are; by v alone the second is needed, and u's sets have two.
    assert (row["n"], row["covered"], row["size"], row["single"]) == (120, 0.75, 1.5, 0.5)
    assert (row["lowest"], row["laboratories"]) == (0.5, 2)
    assert row["low"] <= 0.75 <= row["high"]
    told = set_check.lines(list(rows.values()))
    assert told[1].split() == [*("80%", "2", "120", "75.0%"), *told[1].split()[4:6], "1.50", "50.0%", "50.0%", "(2)"]


def test_the_part_for_the_last_look_is_judged_by_the_other(con):
    known = con.execute(schemas.read("queries/evaluation/gaps_of_truth"), {"search": "s"}).to_arrow_table()
    ((limits, judged),) = set_check._splits(known.slice(0, 0), "test")
    assert (len(limits), len(judged)) == (0, 0)
    turns = list(set_check._splits(known, "development"))
    assert len(turns) == 2
    for limits, judged in turns:
        assert not {*limits["contributor"].to_pylist()} & {*judged["contributor"].to_pylist()}
        assert not any(map(calibration_check.is_test_analyte, judged["analyte_id"].to_pylist()))


def test_a_library_that_is_not_there(tiny_lab):
    with pytest.raises(SystemExit, match=r"Error: .*nowhere"):
        set_check.main([str(tiny_lab.place), "nowhere"])
