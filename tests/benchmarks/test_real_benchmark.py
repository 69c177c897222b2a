"""The protocols on real spectra: one small laboratory of MassBank, searched against some others."""

import pytest
from empty_lab import empty_lab

from spectradb import schemas

pytestmark = pytest.mark.long

STUDY, LIBRARY = "Fiocruz", ("BS", "MPI_for_Chemical_Ecology", "NAIST", "BAFG")
METHODS = ("binned", "cosine_greedy", "entropy_similarity")


@pytest.fixture(scope="module")
def massbank(shared_data, tmp_path_factory):
    file = shared_data / "massbank" / "massbank_2025.05.1.parquet"
    if not file.exists():
        pytest.skip("the shared MassBank release is not on this machine")
    select = schemas.statements_only("selects/massbank").strip().rstrip(";")
    with empty_lab(tmp_path_factory.mktemp("massbank") / "lab") as lab:
        lab.import_library("others", file, select=f"SELECT * FROM ({select}) WHERE run IN {LIBRARY}")
        lab.import_study("one", file, select=f"SELECT * FROM ({select}) WHERE run = '{STUDY}'")
        lab.embed("binned")
        yield lab


def test_the_benchmark_says_what_the_macros_say(massbank):
    report = massbank.benchmark("retrieval", study="one", library="others", methods=METHODS, resamples=50)
    for method, search in report.searches.items():
        for averaged, macro in (("spectrum", "top_k_accuracy"), ("analyte", "top_k_accuracy_by_analyte")):
            asked = f"SELECT accuracy_of_all, best_possible FROM {macro}('{search}')"
            found = massbank.sql(
                "SELECT round(any_value(value), 9) FROM benchmark_results WHERE subset = 'all' AND method = $m "
                "AND metric IN ($a, $b) GROUP BY metric ORDER BY metric DESC",
                {"m": method, "a": f"top_1_per_{averaged}", "b": f"best_possible_per_{averaged}"},
            ).fetchall()
            assert [value for (value,) in found] == [round(value, 9) for value in massbank.sql(asked).fetchall()[0]]
        areas = massbank.sql(
            "SELECT value FROM benchmark_results WHERE metric = 'roc_auc' AND subset = 'all' AND method = $m", {"m": method}
        )
        assert areas.fetchall()[0][0] == pytest.approx(massbank.sql(f"SELECT auc FROM roc_auc('{search}')").fetchall()[0][0])


def test_a_library_on_itself_leaves_contributors_out(massbank):
    report = massbank.benchmark("retrieval", library="others", contributors=("BS", "NAIST"), methods=METHODS[:2], resamples=20)
    rows = massbank.sql("SELECT DISTINCT left_out, settings FROM searches WHERE study = 'others' ORDER BY settings").fetchall()
    assert [left_out for left_out, _ in rows] == ["contributor", "contributor"]
    assert all("BS" in settings and "NAIST" in settings for _, settings in rows)
    (top_1,) = (r for r in report.findings.results if (r.method, r.subset, r.metric) == ("binned", "all", "top_1_per_spectrum"))
    assert top_1.low <= top_1.value <= top_1.high
    assert top_1.n == massbank.sql("SELECT count(*) FROM spectra WHERE contributor IN ('BS', 'NAIST')").fetchall()[0][0]
