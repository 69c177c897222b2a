"""A search is found again by its name, refused where the name is another's, and named for what distinguishes it."""

import shutil

import pyarrow as pa
import pytest
import tiny_lab as made_up
from click.testing import CliRunner
from made_files import numbered, one, published_rows

from spectradb.cli import main
from spectradb.errors import BadParameter, NoSpectra, SearchExists
from spectradb.facade.lab import connect
from spectradb.search.search_names import Naming, automatic_name, check_name, distinguished
from spectradb.search.spec import SearchSpec

DEFAULTS = {
    "study": "kitchen",
    "library": "reference",
    "method": "embedding",
    "model": "binned",
    "settings": None,
    "left_out": None,
    "contributors": None,
    "ppm": 10.0,
    "k": 10,
    "fragment_tolerance_da": 0.01,
}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    with made_up.build(folder):
        return folder / "lab"


@pytest.fixture
def lab(template, tmp_path):
    with connect(shutil.copytree(template, tmp_path / "lab")) as lab:
        yield lab


def names(lab):
    return one(lab, "SELECT search_id FROM searches ORDER BY finished")


def made_name(*, by_vectors=True, purpose=None, **other):
    naming = Naming(purpose=purpose, default_model="binned")
    return automatic_name(SearchSpec(**DEFAULTS | other), naming, by_vectors=by_vectors)


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({}, "kitchen-reference-binned"),
        ({"model": "toy"}, "kitchen-reference-toy"),
        ({"method": "merged"}, "kitchen-reference-merged"),
        ({"method": "merged", "model": "toy"}, "kitchen-reference-merged-toy"),
        ({"method": "cosine_greedy", "by_vectors": False, "model": "toy"}, "kitchen-reference-cosine_greedy"),
        ({"ppm": None}, "kitchen-reference-binned-open"),
        ({"ppm": 20.0}, "kitchen-reference-binned-20ppm"),
        ({"ppm": 2.5, "k": 3}, "kitchen-reference-binned-2.5ppm-k3"),
        ({"fragment_tolerance_da": 0.5}, "kitchen-reference-binned-0.5Da"),
        ({"left_out": "copies"}, "kitchen-reference-binned-without-copies"),
        ({"method": "merged", "settings": {"spectra": 3}}, "kitchen-reference-merged-spectra-3"),
        ({"contributors": ["Eawag", "BAFG"]}, "kitchen-reference-binned-of-BAFG-Eawag"),
        ({"index": "exact", "ppm": None}, "kitchen-reference-binned-open-exact"),
        ({"purpose": "calibrate", "left_out": "contributor", "k": 2}, "calibrate-kitchen-reference-binned"),
    ],
)
def test_an_automatic_name_tells_what_differs_from_the_defaults(other, name):
    assert made_name(**other) == name


def test_names_that_would_be_too_long_or_lose_characters_stay_different():
    long = [made_name(contributors=["A" * 100 + end]) for end in "xy"]
    odd = [made_name(contributors=[f"A{sign}B"]) for sign in "_ /"]
    assert len({*long, *odd}) == 5
    for name in (*long, *odd):
        check_name(name)
    with pytest.raises(BadParameter, match="must be at most 96 letters"):
        check_name("a/b")


def test_circumstances_that_differ_are_told_in_words_and_others_by_a_digest():
    assert distinguished("a", {"record_version": (3, 5)}) == "a-v5"
    assert distinguished("a", {"calibration_id": (None, "lib-binned")}) == "a-by-lib-binned"
    assert distinguished("a", {"settings": ("x", "y")}) != distinguished("a", {"settings": ("x", "z")})


def test_the_same_search_is_found_again(lab):
    before = published_rows(lab.published)
    first = lab.identify("kitchen", "reference", name="first")
    assert (first.search_id, first.n_queries, first.n_answered) == ("first", 7, 6)
    assert "  found again: the same search was done on " in first.lines()[-1]
    assert published_rows(lab.published) == before
    made = lab.identify("kitchen", "reference")
    assert made.found_again is None
    again = lab.identify("kitchen", "reference")
    assert again.found_again is not None
    assert (again.search_id, again.n_hits, again.seconds) == (made.search_id, made.n_hits, pytest.approx(made.seconds, abs=0.1))
    assert names(lab) == ["first", "kitchen-reference-binned"]


def test_a_search_that_was_recorded_under_the_earlier_name_of_its_method_is_found_again(lab):
    old = lab.record.read("searches", columns=["search_id", "method"])
    assert old["method"].to_pylist() == ["embedding"]
    lab.record.update("searches", "search_id", old.set_column(1, "method", pa.array(["similarity_join"])))
    lab.publish()
    assert lab.identify("kitchen", "reference", name="first").found_again is not None
    assert one(lab, "SELECT method FROM searches") == ["embedding"]
    assert one(lab, "SELECT DISTINCT method FROM identifications") == ["embedding"]


def test_another_search_under_the_name_is_refused_with_what_differs(lab):
    before = published_rows(lab.published)
    message = r"there is a search first already, and it is another one: ppm 10\.0, now 20\.0, k 10, now 3\. Give another --name"
    with pytest.raises(SearchExists, match=message):
        lab.identify("kitchen", "reference", name="first", ppm=20.0, k=3)
    with pytest.raises(SearchExists, match=r"model binned, now none"):
        lab.identify("kitchen", "reference", name="first", method="cosine_greedy")
    assert published_rows(lab.published) == before
    result = CliRunner().invoke(
        main, ["identify", str(lab.path), "--study", "kitchen", "--library", "reference", "--ppm", "20", "--name", "first"]
    )
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


def test_replacing_takes_the_place_of_the_search(lab):
    lab.identify("kitchen", "reference", name="first", k=1, replace=True)
    assert one(lab, "SELECT search_id, k FROM searches") == [("first", 1)]
    assert one(lab, "SELECT max(rank) FROM hits") == [1]
    # The same one, searched anew.
    assert lab.identify("kitchen", "reference", name="first", k=1, replace=True).found_again is None
    assert one(lab, "SELECT count(*) - count(DISTINCT (query_id, rank)) FROM hits") == [0]
    # Where there is nothing to replace it is a search like any other.
    command = ["identify", str(lab.path), "--study", "kitchen", "--library", "reference", "--name", "new", "--replace"]
    assert CliRunner().invoke(main, command).exit_code == 0
    lab.close()
    assert names(lab) == ["first", "new"]


def test_a_search_that_finds_nothing_replaces_nothing(lab, tmp_path):
    lab.import_library("far", numbered(tmp_path / "far.mgf", 3))
    lab.embed("binned")
    before = published_rows(lab.published)
    with pytest.raises(NoSpectra):
        lab.identify("kitchen", "far", name="first", replace=True)
    assert published_rows(lab.published) == before
    with pytest.raises(NoSpectra):
        lab.identify("kitchen", "far", name="nothing")
    assert lab.record.dataset("searches").count_rows() == 1


def test_a_search_of_other_spectra_is_named_for_their_version(lab, tmp_path):
    lab.identify("kitchen", "reference")
    lab.import_library("more", numbered(tmp_path / "m.mgf", 3))
    lab.embed("binned")
    version = lab.record.version("spectra")
    for _ in range(2):
        assert lab.identify("kitchen", "reference").search_id == f"kitchen-reference-binned-v{version}"
    assert names(lab) == ["first", "kitchen-reference-binned", f"kitchen-reference-binned-v{version}"]
    with pytest.raises(SearchExists, match=rf"record_version \d+, now {version}\. Give another --name, or --replace it"):
        lab.identify("kitchen", "reference", name="first")


def test_a_search_that_is_being_made_is_not_disturbed(lab, monkeypatch):
    row = lab.record.read("searches").to_pylist()[0] | {"search_id": "busy", "finished": None}
    lab.record.append("searches", lab.record.read("searches").from_pylist([row], schema=lab.record.read("searches").schema))
    monkeypatch.setattr("spectradb.search.run.remove_killed_searches", lambda record: None)  # as beside a running one
    for replace in (False, True):
        with pytest.raises(SearchExists, match="a search busy is being made by another process"):
            lab.identify("kitchen", "reference", name="busy", replace=replace)
    assert names(lab) == ["first"]
