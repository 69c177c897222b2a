"""Former names of macros: they give what the macro of today gives, for as long as the schema has this version."""

import math

import pytest
from metric_lab import filled

from spectradb import schemas
from spectradb.store.versions import SCHEMA_VERSION


@pytest.mark.covers(
    "macros/deprecated/error_anatomy",
    "macros/deprecated/judged_calls",
    "macros/deprecated/maximum_accuracy",
    "macros/deprecated/share_of_remaining_closed",
    "macros/deprecated/reliability",
    "macros/deprecated/student_t_p",
)
def test_former_names():
    con = filled()
    for name in schemas.creation_order("macros/deprecated"):
        if name.rpartition("/")[2] != "reliability":
            con.execute(schemas.read(name))
    con.execute("CREATE MACRO calibration_curve(search, bins := 10, truth := 'x') AS TABLE SELECT search, bins, truth")
    con.execute(schemas.read("macros/deprecated/reliability"))
    calls = {
        "error_anatomy('s')": "error_analysis('s')",
        "judged_calls('s', unit := 'query')": "calls('s', unit := 'query')",
        "maximum_accuracy('s')": "answerable_share('s')",
        "share_of_remaining_closed('s', 't', at_k := 2)": "gap_closed('s', 't', at_k := 2)",
    }
    for former, current in calls.items():
        rows = con.sql(f"FROM {former}")
        of_today = con.sql(f"FROM {current} ORDER BY ALL")
        assert (rows.columns, rows.order("ALL").fetchall()) == (of_today.columns, of_today.fetchall())
    assert con.sql("FROM reliability('s', bins := 5, truth := 'told')").fetchall() == [("s", 5, "told")]
    ((p,),) = con.sql("SELECT student_t_p(1.0, 1)").fetchall()
    assert math.isclose(p, 0.25)


def test_former_names_go_with_the_next_version_of_the_schema():
    assert SCHEMA_VERSION == 3 or schemas.names("macros/deprecated") == ()
