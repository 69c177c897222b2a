"""The statements behind the report, over hand-made tables."""

from datetime import datetime

import metric_lab
import pytest
from table_rows import put, put_names, whole_lab

from spectradb.report.queries import ask

MARKER = {"study": "st", "target": "dose>0", "group_value": "yes", "level": "run", "codebook": "words", "log2_fold": 1.5}


@pytest.fixture(scope="module")
def con():
    """The two searches of tests/made/metric_lab.py, with probabilities for one, and one row or two of everything else."""
    con = whole_lab()
    put(con, "searches", metric_lab.search("s", finished="2026-01-02", n_queries=8, n_answered=6, fragment_tolerance_da=0.01))
    put(con, "searches", metric_lab.search("t", finished="2026-01-01"), metric_lab.search("killed"))
    put(con, "analytes", *({"analyte_id": a, "name": name, "formula": formula} for a, name, formula in metric_lab.ANALYTES))
    put_names(con, "lib", {analyte: name for analyte, name, _ in metric_lab.ANALYTES})
    put(con, "runs", {"run_id": "r1", "collection": "st", "sample_id": "one", "n_spectra": 4})
    put(con, "runs", {"run_id": "r2", "collection": "st", "sample_id": "two", "n_spectra": 4})
    put(con, "samples", {"sample_id": "one", "study": "st", "name": "one", "sample_type": "blank", "metadata": {"dose": "0"}})
    put(con, "samples", {"sample_id": "two", "study": "st", "name": "two", "sample_type": "sample", "metadata": {"dose": "2"}})
    peaks = {"mz": [50.0, 60.0], "intensity": [5.0, 10.0]}
    for i, analyte, mz, mode in metric_lab.LIBRARY:
        put(
            con,
            "spectra",
            metric_lab.spectrum("lib", i, analyte, mz, ion_mode=mode, native_id=f"L{i}", adduct="[M+H]+", **peaks),
        )
    for i, run, analyte, mz in metric_lab.QUERIES:
        own = {"mz": [50.005, 70.0], "intensity": [1.0, 4.0], "native_id": f"q{i}", "retention_time_s": 10.0 * i}
        put(con, "spectra", metric_lab.spectrum("st", i, analyte, mz, run_id=run, **own))
    library = {analyte: i for i, analyte, _, _ in metric_lab.LIBRARY}
    for query, text in metric_lab.HITS["s"].items():
        for row in metric_lab.hits("s", query, *((part[0], float(part[1:])) for part in text.split())):
            sure = {"probability": row["score"], "q_value": round(1 - row["score"], 6)} if row["rank"] == 1 else {}
            put(con, "hits", row | sure | {"library_spectrum_id": library[row["analyte_id"]], "matched_peaks": 1})
    put_collections(con)
    put_samples(con)
    return con


def put_collections(con):
    put(con, "libraries", {"name": "lib", "n_spectra": 4, "n_analytes": 4, "n_duplicates": 0, "origin": "made up"})
    put(con, "studies", {"name": "st", "n_spectra": 8, "n_analytes": 4, "n_duplicates": 0})
    put(con, "models", {"name": "toy", "kind": "hash", "dimension": 2, "fingerprint": "0123456789abcdef"})
    for outcome, reason, n in (("dropped", "no_peaks", 2), ("read", "read", 6), ("kept", "kept", 4)):
        put(con, "import_log", {"collection": "lib", "file_name": "a", "outcome": outcome, "reason": reason, "n": n})
    put(con, "import_log", {"collection": "st", "file_name": "b", "outcome": "read", "reason": "read", "n": 8})
    put(con, "benchmarks", {"name": "b", "protocol": "retrieval", "parameters": '{"study": "st", "library": "lib"}'})
    for subset, value in (("part", 0.25), ("all", 0.5)):
        put(
            con,
            "benchmark_results",
            {"benchmark": "b", "method": "m", "subset": subset, "metric": "top_1", "value": value, "n": 8},
        )


def put_samples(con):
    kind = {"study": "st", "method": "mean", "model": "toy", "level": "run", "blanks_subtracted": False}
    put(con, "sample_embeddings", kind | {"unit_id": "r1", "n_spectra": 4, "dimension": 2, "embedding": [0.0, 1.0]})
    put(con, "sample_embeddings", kind | {"unit_id": "r2", "n_spectra": 4, "dimension": 2, "embedding": [1.0, 0.0]})
    for unit, x in (("r1", 1.0), ("r2", -1.0)):
        put(con, "sample_projection", kind | {"unit_id": unit, "projection": "pca", "x": x, "y": 0.5, "explained_x": 0.75})
    job = kind | {"job": "j", "target": "dose>0", "task": "classification", "estimator": "logistic", "splits": "cv"}
    for unit, truth, predicted in (("r1", "no", "no"), ("r2", "yes", "no")):
        put(con, "sample_predictions", job | {"unit_id": unit, "truth": truth, "predicted": predicted})
    job |= {"job": "k", "target": "dose", "task": "regression", "estimator": "ridge", "created": "2026-01-02"}
    for seed, predicted in enumerate((1.0, 2.0)):
        row = {"unit_id": "r2", "seed": seed, "truth_number": 2.0, "predicted_number": predicted}
        put(con, "sample_predictions", job | row)
    for codeword, spectrum, delta, q in ((3, 1, 0.5, 0.01), (4, 5, 1.0, 0.2), (5, 7, -1.0, 0.001)):
        put(con, "group_markers", MARKER | {"codeword": codeword, "spectrum_id": spectrum, "cliffs_delta": delta, "q_value": q})
    put(con, "group_markers", MARKER | {"group_value": "no", "codeword": 3})
    for spectrum, codeword in ((1, 3), (2, 3), (4, 3), (7, 5)):
        put(con, "spectrum_codewords", {"codebook": "words", "spectrum_id": spectrum, "codeword": codeword})


def values(rows, *names):
    """Columns of rows as tuples, floats rounded."""
    return [tuple(round(row[n], 6) if isinstance(row[n], float) else row[n] for n in names) for row in rows]


@pytest.mark.covers("queries/report/collections", "queries/report/models")
def test_collections_and_models(con):
    names = ("kind", "name", "n_spectra", "n_runs", "n_samples", "origin")
    assert values(ask(con, "report/collections"), *names) == [
        ("library", "lib", 4, None, None, "made up"),
        ("study", "st", 8, 2, 2, None),
    ]
    con.execute("UPDATE models SET licence = 'in house only'")
    found = values(ask(con, "report/models"), "name", "dimension", "fingerprint", "licence")
    assert found == [("toy", 2, "0123456789ab", "in house only")]


@pytest.mark.covers("queries/report/imports")
def test_imports_in_the_order_of_their_outcomes(con):
    rows = ask(con, "report/imports", collections=["lib"])
    assert values(rows, "outcome", "reason", "n") == [("read", "read", 6), ("kept", "kept", 4), ("dropped", "no_peaks", 2)]
    assert [row["collection"] for row in ask(con, "report/imports", collections=None)] == ["lib", "lib", "lib", "st"]


@pytest.mark.covers("queries/report/searches")
def test_searches_that_were_finished_the_latest_first(con):
    rows = ask(con, "report/searches")
    assert values(rows, "search_id", "n_queries", "share_answered", "is_latest") == [
        ("s", 8, 0.75, True),
        ("t", None, None, False),
    ]


@pytest.mark.covers("queries/report/search")
def test_search(con):
    # First hits of tests/made/metric_lab.py: right for 1, 5 and 7, wrong for 2, 4 and 8; 6 is unknown, 3, 4 and 8 out of reach.
    (row,) = ask(con, "report/search", search="s")
    assert values([row], "n_queries", "n_answered", "n_analytes", "n_ambiguous", "n_found") == [(8, 6, 3, 0, 1)]
    assert values([row], "n_known", "n_known_answered", "n_right", "n_answerable") == [(7, 6, 3, 4)]
    # Probabilities are the scores: .9 and .95 are confident, and both right.
    names = ("n_confident", "n_confident_analytes", "n_known_confident", "n_confident_right")
    assert values([row], *names) == [(2, 2, 2, 2)]
    assert values([row], "top_1", "top_5", "median_score") == [(0.75, 1.0, 0.8)]
    assert row["auc"] == pytest.approx(7 / 9)


@pytest.mark.covers("queries/figures/roc")
def test_roc(con):
    points = values(ask(con, "figures/roc", search="s"), "threshold", "tpr", "fpr")
    assert points[0] == (float("inf"), 0.0, 0.0)
    assert points[-1] == (0.4, 1.0, 1.0)
    assert ask(con, "figures/roc", search="t") == []


@pytest.mark.covers("queries/figures/scores")
def test_scores(con):
    rows = ask(con, "figures/scores", search="s", bins=2)
    assert values(rows, "from_score", "to_score", "n_right", "n_wrong", "n_unknown") == [
        (0.0, 0.5, 0, 1, 0),
        (0.5, 1.0, 3, 2, 1),
    ]


@pytest.mark.covers("queries/report/candidates")
def test_candidates(con):
    rows = ask(con, "report/candidates", search="s")
    assert values(rows, "candidates", "n_queries", "n_known", "n_answerable", "n_right") == [
        ("0", 1, 1, 0, 0),
        ("1", 1, 1, 1, 1),
        ("2", 6, 5, 3, 2),
    ]


@pytest.mark.covers("queries/figures/reliability")
def test_reliability(con):
    rows = ask(con, "figures/reliability", search="s")
    assert values(rows, "bin", "n", "n_right")[0] == (5, 1, 0)
    assert sum(row["n"] for row in rows) == 6
    assert {round(row["brier"], 6) for row in rows} == {round((0.01 + 0.64 + 0.49 + 0.0025 + 0.16 + 0.16) / 6, 6)}


@pytest.mark.covers("queries/report/identifications")
def test_identifications_one_row_per_analyte_the_surest_first(con):
    rows = ask(con, "report/identifications", search="s", k=2)
    names = ("name", "query_id", "native_id", "probability", "n_spectra", "n_runs", "library_native_id")
    assert values(rows, *names) == [("delta", 5, "q5", 0.95, 1, 1, "L104"), ("alpha", 1, "q1", 0.9, 4, 2, "L101")]


@pytest.mark.covers("queries/report/doubtful")
def test_doubtful_answers():
    con = whole_lab()
    put(con, "studies", {"name": "k"})
    put(con, "searches", {"search_id": "s", "study": "k"})
    put(con, "analytes", {"analyte_id": "next", "name": "the next elsewhere"})
    put(con, "spectra", {"spectrum_id": 100, "adduct": "[M+H]+", "native_id": "L"})
    put(con, "spectra", {"spectrum_id": 101, "adduct": "[M+H]+", "native_id": "N", "name": "the next"})
    answers = [  # query, its adduct, analyte, probability, score, gap
        (1, None, "A", 0.99, 0.9, 0.5),
        (2, None, "B", 0.6, 0.8, 0.005),
        (3, None, "B", 0.7, 0.7, 0.001),
        (4, "[M+Na]+", "C", 0.3, 0.6, 0.5),
        (5, None, "D", 0.89, 0.6, 0.5),
        (6, "[M+H]+", "E", 0.93, 0.6, 0.5),
    ]
    for query, adduct, analyte, probability, score, gap in answers:
        put(con, "spectra", {"spectrum_id": query, "collection": "k", "adduct": adduct, "native_id": f"q{query}"})
        hit = {"search_id": "s", "query_id": query, "library_spectrum_id": 100}
        first = hit | {"rank": 1, "analyte_id": analyte, "probability": probability, "score": score, "score_gap": gap}
        put(con, "hits", first, hit | {"rank": 2, "analyte_id": "next", "library_spectrum_id": 101, "score": score - gap})
    names = ("doubt", "query_id", "analyte_id", "told_adduct", "confident")
    rows = ask(con, "report/doubtful", search="s", k=2)
    assert values(rows, *names) == [
        ("ambiguous", 3, "B", None, False),
        ("contradicted", 4, "C", "[M+Na]+", False),
        ("near the rule", 5, "D", None, False),
        ("near the rule", 6, "E", "[M+H]+", True),
    ]
    assert values(rows[:1], "next_name", "next_score", "rule") == [("the next", 0.699, "probability >= 0.9")]


@pytest.mark.covers("queries/report/benchmarks", "queries/report/benchmark_results")
def test_benchmarks(con):
    names = ("name", "protocol", "study", "library", "n_results", "searches", "reference")
    more = '{"study": "st", "library": "lib", "searches": {"a": "s", "b": "t"}, "reference": ["A"]}'
    con.execute("UPDATE benchmarks SET parameters = ?", [more])
    found = values(ask(con, "report/benchmarks", studies=None), *names)
    assert found == [("b", "retrieval", "st", "lib", 2, ["s", "t"], ["A"])]
    assert values(ask(con, "report/benchmarks", studies=["st"]), "name") == [("b",)]
    assert ask(con, "report/benchmarks", studies=["other"]) == []
    assert values(ask(con, "report/benchmark_results", benchmark="b"), "subset", "value") == [("all", 0.5), ("part", 0.25)]


@pytest.mark.covers("queries/report/runs")
def test_runs(con):
    names = ("sample_type", "n_runs", "n_spectra", "median_answered", "median_confident", "median_analytes")
    assert values(ask(con, "report/runs", study="st", search="s"), *names) == [
        ("blank", 1, 4, 3.0, 1.0, 1.0),
        ("sample", 1, 4, 4.0, 1.0, 1.0),
    ]
    assert values(ask(con, "report/runs", study="st", search=None), *names) == [
        ("blank", 1, 4, None, None, None),
        ("sample", 1, 4, None, None, None),
    ]


@pytest.mark.covers("queries/report/group_columns")
def test_group_columns(con):
    assert values(ask(con, "report/group_columns", study="st"), "name", "n_values") == [("dose", 2), ("sample_type", 2)]


@pytest.mark.covers("queries/figures/projection")
def test_projection(con):
    rows = ask(con, "figures/projection", study="st", group="dose")
    assert values(rows, "unit_id", "x", "label", "number") == [("r1", 1.0, "0", 0.0), ("r2", -1.0, "2", 2.0)]
    assert {row["label"] for row in ask(con, "figures/projection", study="st", group=None)} == {None}


@pytest.mark.covers("queries/report/jobs", "queries/figures/confusion", "queries/figures/regression")
def test_jobs(con):
    assert values(ask(con, "report/jobs", study="st"), "job", "task", "n_units") == [
        ("j", "classification", 2),
        ("k", "regression", 1),
    ]
    pairs = ask(con, "figures/confusion", job="j", method="mean", estimator="logistic")
    assert values(pairs, "truth", "predicted", "n", "share") == [("no", "no", 1.0, 1.0), ("yes", "no", 1.0, 1.0)]
    units = ask(con, "figures/regression", job="k", method="mean", estimator="ridge")
    assert values(units, "unit_id", "truth", "predicted") == [("r2", 2.0, 1.5)]


@pytest.mark.covers("queries/report/vectors")
def test_vectors(con):
    assert values(ask(con, "report/vectors", study="st"), "method", "n_units", "n_spectra", "dimension") == [("mean", 2, 8, 2)]


@pytest.mark.covers("queries/report/comparisons", "queries/figures/marker_effects")
def test_comparisons(con):
    rows = ask(con, "report/comparisons", study="st")
    assert values(rows, "target", "group_value", "n_clusters", "n_found") == [("dose>0", "yes", 3, 1)]
    effects = ask(con, "figures/marker_effects", study="st", target="dose>0", group="yes", level="run", codebook="words")
    assert values(effects, "codeword", "log2_fold", "q_value") == [(3, 1.5, 0.01), (4, 1.5, 0.2), (5, 1.5, 0.001)]


@pytest.mark.covers("queries/report/markers")
def test_markers(con):
    wanted = {"study": "st", "target": "dose>0", "group": "yes", "level": "run", "codebook": "words", "k": 5}
    rows = ask(con, "report/markers", **wanted, search="s")
    names = ("codeword", "n_spectra", "n_at_mz", "n_answered", "name", "n_identified", "names_cluster", "query_id")
    assert values(rows, *names) == [(3, 3, 3, 3, "alpha", 3, True, 1), (4, 0, None, 0, None, 0, None, None)]
    assert values(rows, "n_confident", "library_native_id") == [(1, "L101"), (None, None)]
    assert values(ask(con, "report/markers", **wanted, search=None), "codeword", "name") == [(3, None), (4, None)]


@pytest.mark.covers("queries/figures/mirror")
def test_mirror(con):
    rows = ask(con, "figures/mirror", query=1, library=101, tolerance=0.01)
    assert values(rows, "side", "mz", "intensity", "matched", "other_mz", "shifted") == [
        ("query", 50.005, 0.25, True, 50.0, False),
        ("query", 70.0, 1.0, False, None, False),
        ("library", 50.0, 0.5, True, 50.005, False),
        ("library", 60.0, 1.0, False, None, False),
    ]


def test_a_time_is_a_time(con):
    assert ask(con, "report/searches")[0]["finished"] == datetime(2026, 1, 2)  # noqa: DTZ001 - DuckDB's timestamps have no zone
