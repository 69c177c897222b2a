"""identify by every method: the same candidates, the ranks of each score, what is left out, and what is recorded."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from laboratories import ISOLEUCINE, LEUCINE
from tiny_lab import build as build_tiny

from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoModel, NoSpectra
from spectradb.facade.lab import connect
from spectradb.search.methods.analogue import ANALOGUE
from spectradb.search.methods.registry import method_names
from spectradb.similarity.methods import PEAK_SCORES, peak_score

HITS = (
    "SELECT q.native_id, rank, h.analyte_id, l.native_id, round(score::DOUBLE, 3), matched_peaks, round(ppm_error, 2), "
    "n_candidate_analytes, round(score_gap::DOUBLE, 3) FROM hits AS h JOIN spectra AS q ON q.spectrum_id = query_id "
    "JOIN spectra AS l ON l.spectrum_id = library_spectrum_id WHERE search_id = $search ORDER BY 1, 2"
)


@pytest.fixture
def kitchen(tmp_path):
    with build_tiny(tmp_path) as lab:
        yield lab


def test_cosine_in_the_tiny_lab(kitchen):
    report = kitchen.identify("kitchen", "reference", method="cosine_greedy")
    assert (report.search_id, report.method, report.model) == ("kitchen-reference-cosine_greedy", "cosine_greedy", None)
    assert (report.n_queries, report.n_answered, report.n_hits) == (7, 6, 9)
    rows = kitchen.sql(HITS, {"search": report.search_id}).fetchall()
    assert [(row[0], *row[3:6], *row[7:]) for row in rows] == [
        ("coffee:1", "R2", 1.0, 4, 2, 0.355),
        ("coffee:1", "R3", 0.645, 1, 2, None),
        ("coffee:2", "R1", 1.0, 4, 2, 0.307),
        ("coffee:2", "R3", 0.693, 1, 2, None),
        ("coffee:3", "R5", 1.0, 3, 1, None),
        ("coffee:4", "R3", 0.95, 2, 2, 0.159),
        ("coffee:4", "R1", 0.792, 1, 2, None),
        ("lemon:1", "R7", 1.0, 3, 1, None),
        ("lemon:2", "R8", 0.953, 1, 1, None),
    ]
    ((settings, left_out, k),) = kitchen.sql(
        "SELECT settings, left_out, k FROM searches WHERE method <> 'embedding'"
    ).fetchall()
    assert (json.loads(settings), left_out, k) == ({"tolerance_da": 0.01, "mz_power": 0.0, "intensity_power": 0.5}, None, 10)
    assert kitchen.sql("SELECT DISTINCT method, model FROM identifications ORDER BY ALL").fetchall() == [
        ("cosine_greedy", None),
        ("embedding", "binned"),
    ]


def test_every_method_meets_the_same_candidates(lab):
    found = {}
    within_windows = [name for name in method_names() if name != ANALOGUE]
    for method in within_windows:
        settings = {"weight": 0.3} if method == "fused" else None
        report = lab.identify("shared", "shared", method=method, settings=settings, left_out="contributor", k=99)
        rows = lab.sql(
            "SELECT query_id, analyte_id, n_candidate_analytes FROM hits WHERE search_id = $s ORDER BY ALL",
            {"s": report.search_id},
        )
        found[method] = rows.fetchall()
        assert (report.n_queries, report.n_answered, report.n_own, report.n_copies) == (7, 7, 6, 2)
    assert len(found["embedding"]) == 14
    assert {method: rows == found["embedding"] for method, rows in found.items()} == dict.fromkeys(within_windows, True)


def test_what_is_left_out(lab):
    report = lab.identify("shared", "shared", method="cosine_greedy", left_out="contributor", k=99)
    assert report.lines()[1] == "  left out: 6 pairs of one contributor, 2 copies of a query"
    rows = lab.sql(HITS, {"search": report.search_id}).fetchall()
    # A1 meets neither its laboratory's A2 nor its copy B1; E1 and E2, of unknown laboratories, do not meet each other.
    assert [(query, rank, analyte, best) for query, rank, analyte, best, *_ in rows] == [
        ("A1", 1, LEUCINE, "E1"),
        ("A1", 2, ISOLEUCINE, "C1"),
        ("A2", 1, LEUCINE, "E1"),
        ("A2", 2, ISOLEUCINE, "C1"),
        ("B1", 1, LEUCINE, "A2"),
        ("B1", 2, ISOLEUCINE, "C1"),
        ("B2", 1, ISOLEUCINE, "E2"),
        ("B2", 2, LEUCINE, "A1"),
        ("C1", 1, ISOLEUCINE, "B2"),
        ("C1", 2, LEUCINE, "B1"),
        ("E1", 1, LEUCINE, "A2"),
        ("E1", 2, ISOLEUCINE, "C1"),
        ("E2", 1, ISOLEUCINE, "B2"),
        ("E2", 2, LEUCINE, "B1"),
    ]
    assert lab.sql("SELECT left_out FROM searches").fetchall() == [("contributor",)]


def test_nothing_is_left_out_unless_asked(lab):
    report = lab.identify("shared", "shared", method="cosine_greedy")
    best = lab.sql(HITS, {"search": report.search_id}).fetchall()
    assert {row[4] for row in best if row[1] == 1} == {1.0}  # each finds itself
    assert (report.left_out, report.n_own, report.n_copies, len(report.lines())) == (None, 0, 0, 1)


def test_queries_of_some_contributors(lab):
    for method in ("embedding", "cosine_greedy"):
        report = lab.identify("shared", "shared", method=method, left_out="contributor", contributors=["Cc", "Bb"], name=method)
        assert (report.n_queries, report.n_own, report.n_copies) == (3, 2, 1)
        queries = lab.sql(
            "SELECT DISTINCT native_id FROM hits JOIN spectra ON spectrum_id = query_id WHERE search_id = $s ORDER BY 1",
            {"s": method},
        ).fetchall()
        assert queries == [("B1",), ("B2",), ("C1",)]
    settings = {name: json.loads(text) for name, text in lab.sql("SELECT search_id, settings FROM searches").fetchall()}
    assert settings["embedding"] == {"contributors": ["Bb", "Cc"]}
    assert settings["cosine_greedy"]["contributors"] == ["Bb", "Cc"]
    with pytest.raises(BadParameter, match="shared has no spectra of contributor 'Dd'; it has those of: Aa, Bb, Cc"):
        lab.identify("shared", "shared", contributors=["Aa", "Dd"])


@pytest.mark.parametrize("method", PEAK_SCORES)
def test_scores_are_those_of_the_score_itself(lab, method):
    settings = {"weights": "MASSBANK", "tolerance_ppm": 20} if method == "weighted_cosine" else {"tolerance_da": 0.02}
    report = lab.identify("shared", "shared", method=method, settings=settings, k=99)
    used = json.loads(lab.sql("SELECT settings FROM searches").fetchall()[0][0])
    assert used == peak_score(method, settings).settings()
    spectra = lab.sql("SELECT spectrum_id, mz, intensity, precursor_mz FROM spectra ORDER BY spectrum_id").fetchall()
    flat = SimpleNamespace(
        offsets=np.cumsum([0, *(len(row[1]) for row in spectra)]),
        mz=np.concatenate([row[1] for row in spectra]),
        intensity=np.concatenate([row[2] for row in spectra]).astype(np.float32),
        precursor_mz=np.array([row[3] for row in spectra]),
    )
    position = {row[0]: i for i, row in enumerate(spectra)}
    hits = lab.sql(
        "SELECT query_id, library_spectrum_id, score FROM hits WHERE search_id = $s", {"s": report.search_id}
    ).fetchall()
    left, right = (np.array([position[hit[side]] for hit in hits]) for side in (0, 1))
    expected = peak_score(method, settings).scores(flat, flat, left, right).score
    np.testing.assert_array_equal(np.array([hit[2] for hit in hits], np.float32), expected.astype(np.float32))


def test_the_fragment_tolerance_is_that_of_the_score_unless_said_otherwise(lab):
    for name, settings in (("a", None), ("b", {"tolerance_da": "0.05"})):
        lab.identify("shared", "shared", method="cosine_greedy", fragment_tolerance_da=0.2, settings=settings, name=name)
    lab.identify("shared", "shared", method="weighted_cosine", fragment_tolerance_da=0.2, name="c")
    found = lab.sql("SELECT search_id, settings -> '$.tolerance_da', fragment_tolerance_da FROM searches ORDER BY 1").fetchall()
    assert found == [("a", "0.2", 0.2), ("b", "0.05", 0.2), ("c", "0.0", 0.2)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "cosine"}, "there is no method 'cosine'; there are: embedding, cosine_greedy,"),
        ({"method": "cosine_greedy", "settings": {"power": 1}}, "cosine_greedy has no setting 'power'; it has: tolerance_da"),
        ({"settings": {"power": 1}}, "embedding has no setting 'power'"),
        ({"left_out": "molecule"}, "'molecule' cannot be left out; what can: contributor"),
    ],
)
def test_what_there_is_not(lab, arguments, message):
    with pytest.raises(BadParameter, match=message):
        lab.identify("shared", "shared", **arguments)
    assert lab.record.dataset("searches").count_rows() == 0


def test_peaks_need_no_vectors_but_a_collection_and_candidates(lab):
    with pytest.raises(NoModel):
        lab.identify("shared", "shared", model="other")
    assert lab.identify("shared", "shared", model="other", method="cosine_greedy").n_answered == 7
    with pytest.raises(NoCollection, match="no library or study 'x'"):
        lab.identify("x", "shared", method="cosine_greedy")
    lab.record.delete("spectra", "contributor IS NOT NULL")
    lab.publish()
    with pytest.raises(NoSpectra, match=r"shared are of one contributor \(none is named\)"):
        lab.identify("shared", "shared", method="cosine_greedy", left_out="contributor")


def invoke(lab, *arguments):
    return CliRunner().invoke(main, [arguments[0], str(lab.path), *arguments[1:]], catch_exceptions=False)


def test_the_command_line(lab):
    call = (
        "identify",
        "--study",
        "shared",
        "--library",
        "shared",
        "--method",
        "entropy_similarity",
        "--leave-out",
        "contributor",
    )
    result = invoke(lab, *call, "--contributor", "Aa", "--contributor", "Cc", "--setting", "noise_threshold=0.05", "--json")
    told = json.loads(result.stdout)
    assert (told["method"], told["model"], told["n_queries"], told["n_own"], told["n_copies"]) == (
        "entropy_similarity",
        None,
        3,
        2,
        1,
    )
    with connect(lab.path) as again:
        ((settings, left_out),) = again.sql("SELECT settings, left_out FROM searches").fetchall()
        used = {"tolerance_da": 0.01, "clean_spectra": True, "noise_threshold": 0.05, "contributors": ["Aa", "Cc"]}
        assert (json.loads(settings), left_out) == (used, "contributor")
    assert "entropy_similarity, 10.0 ppm" in invoke(lab, "info").stdout
    for wrong, message in {"noise_threshold": "NAME=VALUE", "noise=1": "has no setting 'noise'"}.items():
        result = invoke(lab, *call, "--setting", wrong)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert message in result.stderr


def test_spectra_at_hand(lab, tmp_path):
    peaks = ([43.05, 86.0], [20.0, 100.0])
    found = lab.search(*peaks, 132.1019, library="shared", method="cosine_greedy").to_pylist()
    assert [(row["rank"], row["name"], row["library_native_id"], row["n_candidate_analytes"]) for row in found] == [
        (1, None, "A2", 2),
        (2, None, "C1", 2),
    ]
    assert found[0]["score"] == pytest.approx(1)
    everywhere = lab.search(*peaks, 500.0, library="shared", method="cosine_greedy", ppm=None, k=1).to_pylist()
    assert [(row["library_native_id"], round(row["mz_difference"], 4)) for row in everywhere] == [("A2", -367.8981)]
    (tmp_path / "q.mgf").write_text("BEGIN IONS\nTITLE=q\nPEPMASS=132.1019\nCHARGE=1+\n69.07 60\n86.0 100\nEND IONS\n")
    result = invoke(
        lab,
        "search",
        str(tmp_path / "q.mgf"),
        "--library",
        "shared",
        "--method",
        "weighted_cosine",
        "--setting",
        "weights=NONE",
        "--json",
    )
    rows = json.loads(result.stdout)
    assert (rows[0]["query"], rows[0]["library_native_id"]) == ("q", "B2")
    with pytest.raises(BadParameter, match="there is no method"):
        lab.search(*peaks, 132.1019, library="shared", method="dot")
