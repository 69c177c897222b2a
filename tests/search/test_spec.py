"""A search is one object, checked when it is made, and its defaults are those of every way of searching."""

import inspect
import re
from dataclasses import FrozenInstanceError, fields

import click
import pytest

from spectradb import schemas
from spectradb.cli import main
from spectradb.errors import BadParameter
from spectradb.facade.lab import Lab
from spectradb.search.spec import SearchSpec

SIDES = {"study": "kitchen", "library": "reference", "model": "binned"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ppm": 0.0}, "ppm is 0: it must be a number above 0"),
        ({"ppm": float("nan")}, "ppm is nan"),
        ({"k": 0}, "k is 0: give the number of analytes"),
        ({"fragment_tolerance_da": 11.0}, "fragment tolerance is 11 Da"),
        ({"left_out": "molecule"}, "'molecule' cannot be left out; what can: contributor, copies"),
        ({"method": "cosin_greedy"}, "there is no method 'cosin_greedy'; .*cosine_greedy"),
        ({"engine": "fast"}, "there is no engine 'fast'; there are: auto, sql, native"),
        ({"engine": "fast", "ppm": None}, "there is no engine 'fast'"),
        ({"index": "guess"}, "there is no index 'guess'; there are: auto, exact, approximate"),
        ({"index": "exact"}, "without a precursor filter: give --open"),
        ({"target_recall": 0.0}, "the recall 0.0 must be above 0 and at most 1"),
    ],
)
def test_it_is_checked_when_it_is_made(wrong, message):
    with pytest.raises(BadParameter, match=message):
        SearchSpec(**SIDES | wrong)


def test_it_stays_what_it_is():
    spec = SearchSpec(**SIDES, contributors=("Aa",))
    with pytest.raises(FrozenInstanceError):
        spec.ppm = 5.0
    job = spec.job("s")
    assert job.values("study", "search_id", "contributors", "query_range") == {
        "study": "kitchen",
        "search_id": "s",
        "contributors": ["Aa"],
        "query_range": None,
    }


def test_every_way_of_searching_has_its_defaults():
    defaults = {field.name: field.default for field in fields(SearchSpec)}
    compared = set()
    for verb in (Lab.identify, Lab.search, Lab.search_file, Lab.calibrate, Lab.refine, Lab.benchmark):
        for name, parameter in inspect.signature(verb).parameters.items():
            if name in defaults and name not in {*SIDES, "left_out", "contributors", "clusters"}:
                assert parameter.default == defaults[name], (verb, name)
                compared.add(name)
    assert compared >= {"method", "ppm", "k", "fragment_tolerance_da", "engine", "index", "target_recall"}
    for verb in ("identify", "search", "calibrate", "refine", "benchmark"):
        for option in main.get_command(click.Context(main), verb).params:
            if option.name in compared - {"settings"}:
                assert option.default == defaults[option.name], (verb, option.name)


def test_the_macros_have_them_too():
    defaults = {name: getattr(SearchSpec(**SIDES), name) for name in ("ppm", "k", "fragment_tolerance_da")}
    for macro in ("identification/identify", "identification/identify_merged", "similarity/similarity_join"):
        head = schemas.read(f"macros/{macro}").partition(" AS TABLE")[0]
        stated = {name: float(value) for name, value in re.findall(r"(\w+) := ([\d.]+)", head) if name in defaults}
        assert stated == {name: defaults[name] for name in stated}
        assert set(stated) >= {"ppm", "k"}
