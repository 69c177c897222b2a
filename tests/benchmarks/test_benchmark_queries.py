"""The statements behind benchmarks, over the two hand-made searches of metric_lab: see there what each query is."""

import json

import pyarrow as pa
import pytest
from metric_lab import filled, search, spectrum
from table_rows import put, record, tables

from spectradb import schemas
from spectradb.models.seen_in_training import analyte_marks

ROUND = "SELECT method, subset, metric, round(sum(numerator) / sum(denominator), 6), sum(n)::INTEGER FROM terms GROUP BY ALL"


@pytest.fixture
def con():
    con = filled()
    for name in ("macros/similarity/precursor_pairs", "macros/identification/candidate_pairs"):
        con.execute(schemas.read(name))
    con.execute(schemas.read("macros/identification/collection_spectra"))
    con.execute(schemas.read("macros/identification/collection_queries"))
    return con


def run(con, query, parameters=None, **others):
    return con.execute(schemas.read(f"queries/{query}"), {**(parameters or {}), **others}).fetchall()


def distance(a, b, value, threshold=15.0):
    return {"analyte_a": a, "analyte_b": b, "distance": value, "mode": 1, "threshold": threshold}


def judged(con, *, at_k=2):
    """All rows of both searches, as the relation judged."""
    con.execute("CREATE TABLE training_parts (query_id BIGINT, part VARCHAR)")
    for name in ("s", "t"):
        values = {"search": name, "at_k": at_k, "limit_distance": 15.0}
        con.register("rows", con.sql(schemas.read("queries/retrieval/rows"), params=values).to_arrow_table())
        head = "CREATE TABLE judged AS" if name == "s" else "INSERT INTO judged"
        con.execute(f"{head} SELECT '{name}' AS method, * FROM rows")
        con.unregister("rows")


@pytest.mark.covers("macros/metrics/accuracy/instrument_resolution")
@pytest.mark.parametrize(
    ("instrument", "resolution"),
    [
        ("LC-ESI-QTOF", "high resolution"),
        ("LC-ESI-ITFT", "high resolution"),
        ("Orbitrap", "high resolution"),
        ("LC-ESI-QQ", "low resolution"),
        ("CE-ESI-IT", "low resolution"),
        ("", None),
        (None, None),
    ],
)
def test_instrument_resolution(con, instrument, resolution):
    assert con.execute("SELECT instrument_resolution(?)", [instrument]).fetchall() == [(resolution,)]


@pytest.mark.covers("queries/retrieval/benchmark_search")
def test_benchmark_search_takes_the_latest_that_is_the_same(con):
    values = {"study": "st", "library": "lib", "method": "m", "model": None, "settings": None, "left_out": "copies"}
    values |= {"ppm": 10.0, "fragment_tolerance_da": 0.01, "record_version": 3}
    finished = ["2026-01-01", "2026-01-03", "2026-01-02"]
    put(con, "searches", *(search(f"u{i}", finished=day, **values) for i, day in enumerate(finished)))
    others = [{"model": "x"}, {"settings": "{}"}, {"left_out": None}, {"ppm": 5.0}, {"record_version": 4}, {"method": "n"}]
    put(con, "searches", *(search(f"v{i}", finished="2026-02-01", **{**values, **other}) for i, other in enumerate(others)))
    assert run(con, "retrieval/benchmark_search", values | {"k": 10}) == [("u1",)]
    assert run(con, "retrieval/benchmark_search", values | {"k": 11}) == []


@pytest.mark.covers("queries/retrieval/search_seconds")
def test_search_seconds(con):
    put(con, "searches", search("slow", started="2026-01-01 00:00:00", finished="2026-01-01 00:01:00.250"))
    assert run(con, "retrieval/search_seconds", {"searches": ["slow", "none"]}) == [("slow", 60.25)]


@pytest.mark.covers("queries/retrieval/benchmark_candidates")
def test_benchmark_candidates(con):
    put(con, "spectra", spectrum("lib", 105, "A", 500.0, peaks_hash=1), spectrum("lib", 106, "D", 400.0, peaks_hash=5))
    values = {"ppm": 10.0, "contributors": None}
    sides = {"study": "st", "library": "lib"}
    # 1, 2, 4, 6, 7 and 8 each meet A and B; 5 meets D and its copy 106. 105 copies 1, though far from it.
    assert run(con, "retrieval/benchmark_candidates", values | {"left_out": None}, **sides) == [(14, 2, 2)]
    assert run(con, "retrieval/benchmark_candidates", values | {"left_out": "copies"}, **sides) == [(13, 2, 2)]


@pytest.mark.covers("queries/retrieval/rows")
def test_retrieval_rows(con):
    put(con, "mces", distance("A", "B", 4.0), distance("A", "Z", 20.0), distance("A", "B", 3.0, threshold=10.0))
    con.execute("UPDATE spectra SET instrument_type = 'LC-ESI-QTOF' WHERE spectrum_id = 5")
    con.execute("CREATE TABLE training_parts AS SELECT 4 AS query_id, 'unseen analytes' AS part")
    rows = run(con, "retrieval/rows", {"search": "s", "at_k": 2, "limit_distance": 15.0})
    two, one, none = (["all", kind, "positive"] for kind in ("2+ candidates", "1 candidate", "no candidate"))
    assert [(*row[:5], None if row[5] is None else round(row[5], 6), *row[6:]) for row in rows] == [
        (1, "A", two, True, 1, 0.9, True, 0.0, 0.0),
        (2, "B", two, True, 2, 0.8, False, 4.0, 0.0),
        (3, "C", none, False, None, None, False, None, None),
        # A is 20 away, which is known to be above 15 only; how far B is nobody knows.
        (4, "Z", [*two, "unseen analytes"], False, None, 0.7, False, 15.0, None),
        (5, "D", [*one, "high resolution"], True, 1, 0.95, True, 0.0, 0.0),
        (7, "A", two, True, 1, 0.6, True, 0.0, 0.0),
        (8, "Z", two, False, None, 0.4, False, None, None),
    ]


@pytest.mark.covers("queries/retrieval/terms")
def test_retrieval_terms_of_all_queries(con):
    put(con, "mces", distance("A", "B", 4.0), distance("A", "Z", 20.0), distance("B", "Z", 6.0))
    judged(con)
    con.register("terms", con.sql(schemas.read("queries/retrieval/terms"), params={"baselines": ["s"]}).to_arrow_table())
    found = {(method, metric): (value, n) for method, subset, metric, value, n in con.sql(ROUND).fetchall() if subset == "all"}
    expected = {
        # Of 7 queries of 5 analytes; 4 can be answered, all of A, B and D.
        "best_possible": ((4 / 7, 3 / 5), (4 / 7, 3 / 5)),
        # s is right for 1, 5, 7; t for 1, 2, 5.
        "top_1": ((3 / 7, 2 / 5), (3 / 7, 2.5 / 5)),
        "top_5": ((4 / 7, 3 / 5), (4 / 7, 3 / 5)),
        "top_10": ((4 / 7, 3 / 5), (4 / 7, 3 / 5)),
        "share_of_possible": ((3 / 4, 2 / 3), (3 / 4, 2.5 / 3)),
        "share_closed": ((0, 0), (0, 0.5)),
        # s: 0, 4, 15, 0, 0, 6 of queries 1, 2, 4, 5, 7, 8; t: 0, 0, 6, 0, 4, 15.
        "mces_1": ((25 / 6, (0 + 4 + 10.5 + 0) / 4), (25 / 6, (2 + 0 + 10.5 + 0) / 4)),
        "mces_k": ((12 / 6, (0 + 0 + 6 + 0) / 4), (12 / 6, (0 + 0 + 6 + 0) / 4)),
    }
    assert found == {
        # Query 3 of C has no candidate, and so no distance.
        (method, f"{metric}_{averaged}"): (pytest.approx(values[i][j], abs=1e-6), n - metric.startswith("mces"))
        for metric, values in expected.items()
        for i, method in enumerate(("s", "t"))
        for j, (averaged, n) in enumerate((("per_spectrum", 7), ("per_analyte", 5)))
    }


def test_mces_distances_that_are_mostly_unknown_are_no_metric(con):
    put(con, "mces", distance("A", "B", 4.0))
    judged(con)
    terms = con.sql(schemas.read("queries/retrieval/terms"), params={"baselines": ["s"]}).to_arrow_table()
    metrics = {(row["subset"], row["metric"]) for row in terms.to_pylist() if row["metric"].startswith("mces")}
    # The only query with a single candidate is answered right, whose distance needs no structure.
    assert {subset for subset, _ in metrics} == {"1 candidate"}


@pytest.mark.parametrize("name", ["s", "t"])
def test_retrieval_terms_agree_with_the_macros(con, name):
    judged(con)
    con.register("terms", con.sql(schemas.read("queries/retrieval/terms"), params={"baselines": ["s"]}).to_arrow_table())
    found = {(method, subset, metric): value for method, subset, metric, value, _ in con.sql(ROUND).fetchall()}
    for averaged, macro in (("per_spectrum", "top_k_accuracy"), ("per_analyte", "top_k_accuracy_by_analyte")):
        for k in (1, 5, 10):
            row = con.sql(f"SELECT accuracy_of_all, best_possible FROM {macro}('{name}', at_k := {k})").fetchall()[0]
            assert found[name, "all", f"top_{k}_{averaged}"] == pytest.approx(row[0], abs=1e-6)
            assert found[name, "all", f"best_possible_{averaged}"] == pytest.approx(row[1], abs=1e-6)
        at_least_two = con.sql(f"SELECT accuracy_of_all FROM {macro}('{name}', min_candidates := 2)").fetchall()[0][0]
        assert found[name, "2+ candidates", f"top_1_{averaged}"] == pytest.approx(at_least_two, abs=1e-6)


@pytest.mark.covers("queries/retrieval/scores", "queries/retrieval/auc")
def test_retrieval_scores_and_retrieval_auc(con):
    judged(con)
    rows = run(con, "retrieval/scores", {"method": "s", "subset": "2+ candidates"})
    assert [(analyte, round(score, 6), correct) for analyte, score, correct in rows] == [
        ("A", 0.9, True),
        ("B", 0.8, False),
        ("Z", 0.7, False),
        ("A", 0.6, True),
        ("Z", 0.4, False),
    ]
    con.register("scored", pa.table({"score": [0.9, 0.8, 0.7, 0.6, 0.4], "correct": [True, False, False, True, False]}))
    # .9 is above all three wrong ones, .6 above one of them
    assert run(con, "retrieval/auc") == [(2, 3, pytest.approx(4 / 6))]


@pytest.fixture
def accuracies(con):
    rows = [
        ("s", "F1", "A", 1.0),
        ("s", "F1", "B", 0.0),
        ("s", "F2", "C", 0.5),
        ("s", "F2", "D", 0.5),
        ("t", "F1", "A", 0.5),
        ("t", "F1", "B", 1.0),
        ("t", "F2", "C", 0.5),
        ("t", "F2", "D", 0.5),
    ]
    names = ("method", "isomer_group", "analyte", "accuracy")
    con.register("isomer_accuracies", pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)}))
    return con


@pytest.mark.covers("queries/isomers/members")
def test_isomer_members(con):
    values = {"search": "s", "min_analytes": 2, "min_spectra": 1}
    assert run(con, "isomers/members", values) == [("F1", "A", "alpha", 2, 1.0), ("F1", "B", "beta", 1, 0.0)]
    assert run(con, "isomers/members", values | {"min_spectra": 2}) == []


@pytest.mark.covers("queries/isomers/points")
def test_isomer_points(accuracies):
    rows = accuracies.sql(schemas.read("queries/isomers/points")).select(
        "method", "points", "wins", "group_points", "group_wins"
    )
    assert rows.fetchall() == [("s", 3, 1, 1, 0), ("t", 3, 1, 2, 1)]


@pytest.mark.covers("queries/isomers/pairs")
def test_isomer_pairs(accuracies):
    assert run(accuracies, "isomers/pairs") == [("s", "t", 1, 1, 2, 0, 1, 1)]


@pytest.mark.covers("queries/isomers/terms")
def test_isomer_terms(accuracies):
    assert [row for row in run(accuracies, "isomers/terms") if row[0] == "t"] == [
        ("t", "group_accuracy", "F1", 0.75, 1.0, 1),
        ("t", "group_accuracy", "F2", 0.5, 1.0, 1),
        ("t", "mean_accuracy", "F1", 1.5, 2.0, 2),
        ("t", "mean_accuracy", "F2", 1.0, 2.0, 2),
        ("t", "spread", "F1", 0.5, 1.0, 1),
        ("t", "spread", "F2", 0.0, 1.0, 1),
        ("t", "worst_member", "F1", 0.5, 1.0, 1),
        ("t", "worst_member", "F2", 0.5, 1.0, 1),
    ]


@pytest.mark.covers("queries/dilution/parts")
def test_dilution_parts(con):
    put(con, "runs", {"run_id": "r3", "sample_id": None})
    put(con, "spectra", spectrum("st", 9, None, 700.0, run_id="r3"))
    rows = [("10", 10.0, 1, 4), ("20", 20.0, 1, 4), (None, None, 1, 1)]
    assert run(con, "dilution/parts", {"search": "s", "column": "dilution"}) == rows


@pytest.mark.covers("queries/dilution/reference")
def test_dilution_reference(con):
    con.execute("UPDATE hits SET matched_peaks = 3")
    # Undiluted, s reports A three times (.9, .8, .7) and t A (.8) and B twice (.9, .5).
    values = {"searches": ["s", "t"], "column": "dilution", "undiluted": "10", "score": 0.5, "matched_peaks": 3, "runs": 1}
    assert run(con, "dilution/reference", values) == [("A",)]
    assert run(con, "dilution/reference", values | {"searches": ["t"]}) == [("A",), ("B",)]
    for stricter in ({"score": 0.85}, {"matched_peaks": 4}, {"runs": 2}, {"undiluted": "30"}):
        assert run(con, "dilution/reference", values | stricter) == []


@pytest.mark.covers("queries/dilution/truth")
@pytest.mark.parametrize("column", ["analyte_id", "inchikey"])
def test_dilution_truth_reads_a_file(con, tmp_path, column):
    plain, labelled = "RYYVLZVUVIJVGH", "RYYVLZVUVIJVGH-GQALSZNT"
    put(con, "analytes", {"analyte_id": labelled})
    put(con, "structures", {"structure_id": 1, "analyte_id": labelled, "inchikey": f"{labelled}SA-N"})
    expected = {
        "ROHFNLRQFUQHCH-YFKPBYRVSA-N": "ROHFNLRQFUQHCH",
        "ROHFNLRQFUQHCH-YFKPBYRVSA": "ROHFNLRQFUQHCH",
        "ROHFNLRQFUQHCH-UHFFFAOYSA-O": "ROHFNLRQFUQHCH-O",
        f"{plain}-UHFFFAOYSA-N": plain,
        f"{labelled}SA-N": labelled,
        labelled: labelled,
        f"{plain}-d9": f"{plain}-d9",
        plain: plain,
        "name:0123456789abcdef": "name:0123456789abcdef",
        "caffeine": None,
    }
    file = tmp_path / "it's.csv"
    file.write_text(f"{column},name\n" + "".join(f"{text},a\n" for text in ["", f"InChIKey={plain}-UHFFFAOYSA-N", *expected]))
    assert run(con, "dilution/truth", file=str(file)) == sorted(expected.items())


@pytest.fixture
def plasma(con):
    """What is in the samples: A and D."""
    con.register("benchmark_truth", pa.table({"analyte_id": ["A", "D"]}))
    return con


@pytest.mark.covers("queries/dilution/sweep")
def test_dilution_sweep(plasma):
    # The first hits of s: A .9, D .95, B .85 at most.
    rows = run(plasma, "dilution/sweep", {"search": "s", "step": 0.1})
    assert [row[1:5] for row in rows[8:]] == [(0.8, 2, 1, 2), (0.9, 2, 0, 2), (1.0, 0, 0, 2)]


@pytest.mark.covers("queries/dilution/best")
def test_dilution_best(plasma):
    rows = run(plasma, "dilution/best", {"search": "s", "column": "dilution", "step": 0.1})
    assert [row[:5] for row in rows] == [("10", 0.9, 1, 0, 2), ("20", 0.6, 2, 1, 2)]


@pytest.mark.covers("queries/dilution/files")
def test_dilution_files(plasma):
    rows = run(plasma, "dilution/files", {"search_a": "t", "search_b": "s", "step": 0.1})
    # r1: t finds A at .8 with B above it, s A alone; r2: both find A and D with B between them.
    assert [row[:5] for row in rows if row[0] == "false_positives"] == [("false_positives", 2, 0, 1, 1)]


@pytest.mark.covers("queries/dilution/welch")
def test_dilution_welch(plasma):
    rows = run(plasma, "dilution/welch", {"search_a": "t", "search_b": "s", "column": "dilution", "step": 0.1})
    assert [(row[0], round(row[3], 6), round(row[4], 6)) for row in rows] == [("10", 0.45, 1.0), ("20", 0.52381, 0.666667)]


@pytest.mark.covers("queries/dilution/overlap")
def test_dilution_overlap(plasma):
    cuts = {"search_a": "s", "search_b": "t", "threshold_a": 0.8, "threshold_b": 0.6}
    assert run(plasma, "dilution/overlap", cuts) == [(True, True, 1), (True, False, 1)]


@pytest.mark.covers("queries/dilution/agreement")
def test_dilution_agreement(plasma):
    rows = run(plasma, "dilution/agreement", {"search": "s", "column": "dilution", "undiluted": "10", "step": 0.1})
    assert [row[:5] for row in rows] == [("10", 0.9, 1, 1, 0), ("20", 0.6, 2, 1, 1)]


@pytest.mark.covers("tables/benchmarks/benchmarks.fill", "tables/benchmarks/benchmark_results.fill")
def test_benchmarks_and_benchmark_results_that_are_finished_are_published():
    con = tables("benchmarks", "benchmark_results")
    record(con, "benchmarks", "benchmark_results")
    put(con, "record_benchmarks", {"name": "b"}, {"name": "a"})
    results = [{"benchmark": name, "method": "m", "subset": "all", "metric": "top_1", "value": 0.5, "n": 2} for name in "bcb"]
    put(con, "record_benchmark_results", *results)
    con.execute(schemas.read("tables/benchmarks/benchmarks.fill"))
    con.execute(schemas.read("tables/benchmarks/benchmark_results.fill"))
    assert con.sql("SELECT name FROM benchmarks").fetchall() == [("a",), ("b",)]
    rows = con.sql("SELECT benchmark, metric, value, n FROM benchmark_results").fetchall()
    assert rows == [("b", "top_1", 0.5, 2)] * 2


def trained(con, *, data, split=None):
    """Let the search s be by a model whose card says this, and seen_queries say what that is of its queries."""
    put(con, "models", {"name": "m", "training_data": json.dumps({"data": data, "training": {"split": split or {}}})})
    con.execute("UPDATE searches SET model = 'm' WHERE search_id = 's'")
    con.execute("UPDATE spectra SET contributor = CASE WHEN spectrum_id % 2 = 0 THEN 'Even' ELSE 'Odd' END")
    con.register(
        "seen_queries", con.sql(schemas.read("queries/retrieval/seen_queries"), params={"search": "s"}).to_arrow_table()
    )


@pytest.mark.covers(
    "queries/retrieval/trained_searches",
    "queries/retrieval/seen_queries",
    "queries/retrieval/training_overlap",
    "queries/retrieval/training_parts",
)
def test_what_the_model_of_a_search_was_trained_on(con):
    trained(con, data={"contributors": {"Odd": {}}, "analyte_marks": analyte_marks(["A", "C", "D"])})
    both = {"searches": ["s", "t"]}
    assert run(con, "retrieval/trained_searches", both) == [("s",)]
    # Odd measured 1 (A), 3 (C), 5 (D) and 7 (A); Even 2 (B), 4 (Z), 6 (unknown) and 8 (Z).
    assert [row[:2] for row in run(con, "retrieval/seen_queries", {"search": "s"})] == [("s", i) for i in range(1, 9)]
    assert run(con, "retrieval/training_overlap", both) == [("s", "m", True, 7, 4, 4, 0, ["Even"])]
    assert run(con, "retrieval/training_parts") == [
        *((1, "seen spectra"), (2, "unseen analytes"), (3, "seen spectra"), (4, "unseen analytes")),
        *((5, "seen spectra"), (6, "training unknown"), (7, "seen spectra"), (8, "unseen analytes")),
    ]


@pytest.mark.covers("queries/retrieval/training_overlap", "queries/retrieval/training_parts")
def test_what_a_card_does_not_tell_is_unknown(con):
    put(con, "models", {"name": "m", "training_data": '"spectra of MoNA"'})
    con.execute("UPDATE searches SET model = 'm' WHERE search_id = 's'")
    con.register(
        "seen_queries", con.sql(schemas.read("queries/retrieval/seen_queries"), params={"search": "s"}).to_arrow_table()
    )
    assert run(con, "retrieval/training_overlap", {"searches": ["s"]}) == [("s", "m", False, 7, 0, 0, 7, [])]
    assert {part for _, part in run(con, "retrieval/training_parts")} == {"training unknown"}


@pytest.mark.covers("queries/retrieval/trained_analytes")
def test_analytes_that_models_were_trained_on(con):
    trained(con, data={"contributors": {}, "analyte_marks": analyte_marks(["A", "B"])})
    values = {"searches": ["s", "t"], "analytes": ["A", "A-D3", "C"]}
    assert run(con, "retrieval/trained_analytes", values) == [("m", 3, 2)]
    con.execute("UPDATE models SET training_data = '{}'")
    assert run(con, "retrieval/trained_analytes", values) == [("m", 3, None)]
