"""The cohort of known mixtures: four extracts in 27 compositions, three injections each, with blanks and QC."""

import numpy as np
import pytest
from empty_lab import empty_lab

pytestmark = pytest.mark.long

BY_MIXTURE = {"groups": "composition"}


@pytest.fixture(scope="module")
def lab(shared_data, tmp_path_factory):
    cohort = shared_data / "cohort"
    if not cohort.is_dir():
        pytest.skip("the shared cohort is not on this machine")
    with empty_lab(tmp_path_factory.mktemp("cohort") / "lab") as lab:
        lab.import_study("cohort", [cohort / "mgf"], samples=cohort / "samples.csv")
        lab.embed("binned")
        for method in ("mean", "intensity_weighted", "precursor_profile"):
            lab.aggregate("cohort", method=method)
        lab.aggregate("cohort", method="intensity_weighted", subtract_blanks=True)
        yield lab


def by_method(report):
    return {row["method"]: row for row in report.metrics}


def test_vectors_agree_with_numpy(lab):
    rows = lab.sql("SELECT run_id, embedding_binned, tic FROM spectra").to_arrow_table()
    vectors = rows["embedding_binned"].combine_chunks().flatten().to_numpy().reshape(rows.num_rows, -1)
    runs, places = np.unique(rows["run_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    for method, weights in (("mean", np.ones(rows.num_rows)), ("intensity_weighted", np.sqrt(rows["tic"].to_numpy()))):
        expected = np.zeros((len(runs), vectors.shape[1]))
        np.add.at(expected, places, vectors * weights[:, None])
        expected /= np.linalg.norm(expected, axis=1, keepdims=True)
        found = lab.sql(
            "SELECT embedding FROM sample_embeddings WHERE method = ? AND NOT blanks_subtracted ORDER BY unit_id", [method]
        ).fetchall()
        np.testing.assert_allclose(np.array([row[0] for row in found]), expected, atol=1e-5)


def test_the_nearest_run_is_of_the_same_composition_more_often_than_by_precursors(lab):
    """Other injections of a mixture may be the neighbour: this asks whether a mixture is known again, not a new one."""
    purity = {
        (method, blanks): lab.sql(
            f"SELECT n, n_classes, purity FROM cluster_quality('cohort', 'composition', method := '{method}', "
            f"subtract_blanks := {blanks})"
        ).fetchall()[0]
        for method, blanks in [("intensity_weighted", True), ("intensity_weighted", False), ("precursor_profile", False)]
    }
    assert {row[:2] for row in purity.values()} == {(81, 27)}
    assert purity["intensity_weighted", True][2] > 0.815 > purity["precursor_profile", False][2] + 0.1


def test_presence_of_a_component_in_mixtures_never_seen(lab):
    for component in ("fecal_1", "tomato"):
        report = lab.classify("cohort", f"{component}>0", baselines=True, **BY_MIXTURE)
        assert report.n_units == 81
        assert by_method(report)["mean"]["auc"] > 0.99
        assert by_method(report)["none"]["auc"] == 0.5


def test_proportions_of_mixtures_never_seen(lab):
    report = lab.classify(
        "cohort",
        "nist_srm_1950",
        methods=("intensity_weighted",),
        splits="leave-group-out",
        regress=True,
        baselines=True,
        **BY_MIXTURE,
    )
    found = by_method(report)
    assert found["intensity_weighted"]["r2"] > found["precursor_profile"]["r2"] > 0.7
    # Percent; with a whole mixture left out the mean of the others is worse than knowing nothing.
    assert found["intensity_weighted"]["mae"] < 9 < 20 < found["none"]["mae"]
    folds = lab.sql("SELECT max(n) FROM (SELECT count(DISTINCT fold) AS n FROM sample_predictions GROUP BY job, unit_id, seed)")
    assert folds.fetchall() == [(1,)]
