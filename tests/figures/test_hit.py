"""One hit looked at: what is drawn and said of it, and what is said where there is nothing to draw."""

import json

import pytest
from lxml import etree
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from table_rows import put, tables

from spectradb import schemas
from spectradb.errors import BadParameter, NoSearch
from spectradb.figures.mirror import mirror_figure, mirror_peaks
from spectradb.figures.structure import draw_structure, outline


def test_a_hit_says_what_matched(tiny_lab, tmp_path):
    plot = tiny_lab.plot_hit("coffee:1", search="first", out=tmp_path / "hit.svg")
    assert plot.lines() == [
        "coffee:1 (first), candidate 1 of 2: L-Leucine [M+H]+, library spectrum R2",
        "score 1.000, 4 matched peaks, precursor -0.8 ppm",
        f"drawn in {tmp_path / 'hit.svg'}",
    ]
    told = json.loads(json.dumps(plot.as_dict()))
    assert [(row["mz"], row["other_mz"]) for row in told["peaks"] if row["side"] == "query"] == [
        (mz, mz) for mz in (30.0338, 43.0542, 44.0495, 86.0964)
    ]
    words = " ".join(etree.parse(tmp_path / "hit.svg").getroot().itertext())
    for word in (
        "Query coffee:1, m/z 132.1020",
        "L-Leucine [M+H]+, m/z 132.1019 (-0.8 ppm), collision energy 20 eV",
        "86.0964",
        "C6H13NO2",
        "ppm",
    ):
        assert word in words
    # Structures are vectors too.
    assert b"<image" not in (tmp_path / "hit.svg").read_bytes()
    _, differences, above, below = plot.figure.axes
    assert len(differences.collections[0].get_offsets()) == 4
    assert (len(above.patches) > 5, len(below.patches) > 5) == (True, True)


def test_any_rank_and_a_query_by_its_number_or_its_run(tiny_lab):
    by_name = tiny_lab.plot_hit("coffee_1/coffee:1", rank=2)
    assert (by_name.hit["name"], by_name.hit["matched_peaks"], by_name.file) == ("L-Isoleucine", 1, None)
    assert by_name.lines()[-1] == "score 0.549, 1 matched peak, precursor -0.8 ppm"
    by_number = tiny_lab.plot_hit(by_name.hit["query_id"], rank=2)
    assert by_number.hit == by_name.hit
    assert by_number._repr_png_().startswith(b"\x89PNG")


def test_a_query_that_is_not_known_says_so_in_its_place(tiny_lab, tmp_path):
    plot = tiny_lab.plot_hit("lemon:2", out=tmp_path / "hit.png")
    assert [text.get_text() for text in plot.figure.axes[2].texts] == ["not told what it is"]
    assert (tmp_path / "hit.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"query": "coffee:1", "search": "second"}, NoSearch, "the lab has no search 'second'; it has: first"),
        ({"query": "tea:1"}, BadParameter, "no query is 'tea:1'. Give its spectrum_id or native_id"),
        ({"query": "R1", "search": "first"}, BadParameter, "no query of first is 'R1'"),
        ({"query": "lemon:3"}, BadParameter, "query 'lemon:3' has no candidate in any search: nothing was in its window"),
        ({"query": "coffee:1", "rank": 3}, BadParameter, "query 'coffee:1' has 2 candidates, and none of rank 3"),
        ({"query": "coffee:1", "out": "hit.tiff"}, BadParameter, r"hit.tiff: the suffix names no format of figures"),
        ({"query": "coffee:1", "out": "/no/folder/hit.svg"}, BadParameter, "hit.svg cannot be written: No such file"),
    ],
)
def test_what_cannot_be_drawn_is_told(tiny_lab, asked, error, told):
    with pytest.raises(error, match=told):
        tiny_lab.plot_hit(**asked)


@pytest.fixture
def con():
    """Two queries of one name in two runs, the first moved by 14 against its library spectrum; two searches."""
    con = tables("spectra", "structures", "analytes", "analyte_names", "hits", "searches")
    con.execute(schemas.read("views/spectra/annotations"))
    peaks = {"mz": [50.0, 114.0], "intensity": [1.0, 4.0], "ion_mode": "positive", "native_id": "1", "collection": "st"}
    put(con, "spectra", peaks | {"spectrum_id": 1, "run_id": "st/a", "precursor_mz": 214.0})
    put(con, "spectra", peaks | {"spectrum_id": 2, "run_id": "st/b", "precursor_mz": 214.0})
    library = {"spectrum_id": 9, "collection": "lib", "native_id": "L", "name": "thing", "precursor_mz": 200.0}
    put(con, "spectra", peaks | library | {"mz": [50.001, 100.0], "intensity": [5.0, 10.0]})
    for search, finished in (("s", "2026-01-01"), ("t", "2026-01-02")):
        put(con, "searches", {"search_id": search, "study": "st", "library": "lib", "finished": finished, "ppm": None})
        hit = {"search_id": search, "rank": 1, "analyte_id": "A", "library_spectrum_id": 9, "score": 0.5, "matched_peaks": 1}
        put(con, "hits", hit | {"query_id": 1}, hit | {"query_id": 2})
    return con


@pytest.mark.covers("queries/figures/hit")
def test_hit_of_a_name_is_of_the_last_search_and_of_each_run(con):
    def found(query, search=None, rank=1):
        rows = con.execute(schemas.read("queries/figures/hit"), {"query": query, "search": search, "rank": rank})
        names = [column for column, *_ in rows.description]
        picked = [names.index(name) for name in ("search_id", "query_id", "run_id", "name", "query_mz", "library_mz")]
        return [tuple(row[i] for i in picked) for row in rows.fetchall()]

    assert found("1") == [("t", 1, "st/a", "thing", 214.0, 200.0), ("t", 2, "st/b", "thing", 214.0, 200.0)]
    assert found("b/1", "s") == found("st/b/1", "s") == found("2", "s") == [("s", 2, "st/b", "thing", 214.0, 200.0)]
    assert found("b/1", rank=2) == []


@pytest.mark.covers("queries/figures/ranks_of_query")
def test_ranks_of_query_counts_the_candidates_of_every_spectrum_meant(con):
    def found(**asked):
        return con.execute(schemas.read("queries/figures/ranks_of_query"), asked).fetchall()

    assert found(query="1", search=None) == [("st", "1", 1), ("st", "1", 1)]
    assert found(query="L", search=None) == [("lib", "L", 0)]
    assert found(query="L", search="s") == []


def test_peaks_that_match_once_moved_by_the_precursors_have_a_colour(con):
    peaks = mirror_peaks(con, query=1, library=9, tolerance=0.01)
    assert [(row["side"], row["mz"], row["other_mz"], row["matched"], row["shifted"]) for row in peaks] == [
        ("query", 50.0, 50.001, True, False),
        ("query", 114.0, None, False, True),
        ("library", 50.001, 50.0, True, False),
        ("library", 100.0, None, False, True),
    ]
    drawn = {lines.get_label(): len(lines.get_segments()) for lines in mirror_figure(peaks).axes[0].collections}
    assert (drawn["query, shifted"], drawn["library, matched"], drawn["query, no match"]) == (1, 1, 0)


def test_outlines_are_read_as_svg_states_them():
    read = outline("M 0,1 L 2.5,-1e-1 3,4 Q 1 2 3 4 C 1 1 2 2 3 3 Z")
    assert read.vertices.tolist() == [[0, 1], [2.5, -0.1], [3, 4], [1, 2], [3, 4], [1, 1], [2, 2], [3, 3], [3, 3]]
    m, line, q, c, z = Outline.MOVETO, Outline.LINETO, Outline.CURVE3, Outline.CURVE4, Outline.CLOSEPOLY
    assert read.codes.tolist() == [m, line, line, q, q, c, c, c, z]


def test_a_structure_that_cannot_be_read_is_not_drawn():
    axes = Figure().add_subplot()
    assert draw_structure(axes, "C1CC") is False
    assert len(axes.patches) == 0
