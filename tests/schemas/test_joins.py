"""The relations that the page of SQL lists for BI tools: each value on the left finds its one row on the right."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "schemas" / "README.md"
RELATIONS = re.findall(r"^\| `(\w+)\.(\w+)` \| `(\w+)\.(\w+)` \|", PAGE.read_text(), re.MULTILINE)


def test_the_page_lists_relations():
    assert ("spectra", "run_id", "runs", "run_id") in RELATIONS
    assert len(RELATIONS) > 20


@pytest.mark.parametrize("relation", RELATIONS, ids=".".join)
def test_each_value_has_its_row(tiny_lab, relation):
    many, key, one, name = relation
    alone = f"SELECT count(*) = count(DISTINCT {name}) FROM {one}"
    lost = f"SELECT count(*) FROM {many} ANTI JOIN {one} ON {many}.{key} = {one}.{name} WHERE {many}.{key} IS NOT NULL"
    assert tiny_lab.sql(alone).fetchall() == [(True,)]
    assert tiny_lab.sql(lost).fetchall() == [(0,)]
