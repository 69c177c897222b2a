"""The verbs about samples, over a lab whose answers are known."""

import sys
from itertools import combinations

import numpy as np
import pytest
import sample_lab
from scipy.stats import mannwhitneyu
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
    silhouette_score,
)

from spectradb.errors import BadParameter, MissingDependency, NoCollection, NoEmbedding, NoSpectra
from spectradb.samples.aggregate import default_codewords
from spectradb.samples.markers import compare_groups

METHODS = ("mean", "intensity_weighted", "max", "mean_spread", "codebook", "precursor_profile", "peak_profile")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with sample_lab.build(tmp_path_factory.mktemp("ward")) as lab:
        for method in METHODS:
            lab.aggregate("ward", method=method, n_codewords=3)
        yield lab


def stored(lab, method, *, subtract_blanks=False, level="run"):
    rows = lab.sql(
        "SELECT unit_id, embedding FROM sample_embeddings "
        "WHERE method = ? AND level = ? AND blanks_subtracted = ? ORDER BY unit_id",
        [method, level, subtract_blanks],
    ).fetchall()
    return {unit: np.array(vector) for unit, vector in rows}


def spectra_of(lab):
    rows = lab.sql(
        "SELECT run_id, embedding_binned, tic, precursor_mz, spectrum_id FROM spectra ORDER BY spectrum_id"
    ).fetchall()
    runs = {}
    for run, *rest in rows:
        runs.setdefault(run, []).append(rest)
    return {run: [np.array(column) for column in zip(*rest, strict=True)] for run, rest in runs.items()}


def test_every_method_agrees_with_numpy(lab):
    kinds = {name: stored(lab, name) for name in METHODS}
    codewords = dict(lab.sql("SELECT spectrum_id, codeword FROM spectrum_codewords").fetchall())
    n_codewords = lab.sql("SELECT count(*) FROM codebooks").fetchall()[0][0]
    spectra = spectra_of(lab)
    assert all(list(vectors) == sorted(spectra) for vectors in kinds.values())
    for run, (vectors, tic, precursor_mz, ids) in spectra.items():
        weights = np.sqrt(tic)[:, None]
        counts = np.bincount([codewords[i] for i in ids], minlength=n_codewords)
        expected = {
            "mean": unit(vectors.mean(axis=0)),
            "intensity_weighted": unit((weights * vectors).sum(axis=0)),
            "max": unit(vectors.max(axis=0)),
            "mean_spread": unit(np.concatenate([vectors.mean(axis=0), vectors.std(axis=0)])),
            "codebook": np.sqrt(counts / len(ids)),
            "precursor_profile": np.bincount(precursor_mz.astype(int), minlength=1000),
        }
        for method, vector in expected.items():
            np.testing.assert_allclose(kinds[method][run], vector, atol=1e-6, err_msg=f"{method} of {run}")


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_codewords_are_the_nearest_centroids(lab):
    centroids = np.array([row[0] for row in lab.sql("SELECT centroid FROM codebooks ORDER BY codeword").fetchall()])
    rows = lab.sql(
        "SELECT embedding_binned, codeword, similarity FROM spectra JOIN spectrum_codewords USING (spectrum_id)"
    ).fetchall()
    products = np.array([row[0] for row in rows]) @ centroids.T
    assert [row[1] for row in rows] == products.argmax(axis=1).tolist()
    np.testing.assert_allclose([row[2] for row in rows], products.max(axis=1), atol=1e-6)


def test_aggregating_again_replaces_and_reports(lab):
    report = lab.aggregate("ward", method="peak_profile")
    assert report.lines()[0].startswith("ward: 25 spectra aggregated to 9 runs, method peak_profile, 1,000 dimensions")
    rows = lab.record.read("sample_embeddings", columns=["unit_id"], where="method = 'peak_profile'")
    assert rows.num_rows == 9


def test_blanks_are_left_out_of_each_run(lab):
    report = lab.aggregate("ward", method="precursor_profile", subtract_blanks=True)
    assert (report.n_units, report.n_spectra) == (8, 16)
    profile = stored(lab, "precursor_profile", subtract_blanks=True)["ward/s1"]
    assert np.flatnonzero(profile).tolist() == [200]


def test_the_level_sample_takes_all_runs_of_a_sample_together(lab):
    lab.aggregate("ward", method="mean", level="sample")
    of_samples, of_runs = stored(lab, "mean", level="sample"), stored(lab, "mean")
    assert list(of_samples) == list(of_runs)
    np.testing.assert_allclose(of_samples["ward/w1"], of_runs["ward/w1"], atol=1e-6)


def test_classify_finds_the_groups_and_its_metrics_are_those_of_sklearn(lab):
    report = lab.classify(
        "ward", "sample_group", methods=("mean", "max"), splits="cv", seeds=2, groups="patient", baselines=True
    )
    assert (report.n_units, report.n_left_out) == (8, 0)
    by_arm = {(row["method"], row["estimator"]): row for row in report.metrics}
    assert set(by_arm) == {
        ("mean", "logistic"),
        ("max", "logistic"),
        ("precursor_profile", "logistic"),
        ("none", "majority"),
    }
    assert by_arm["mean", "logistic"]["macro_f1"] == 1
    assert by_arm["none", "majority"]["auc"] == 0.5
    for (method, estimator), row in by_arm.items():
        repeats = [predictions(lab, report.job, method, estimator, seed) for seed in range(2)]
        expected = {
            "accuracy": accuracy_score,
            "balanced_accuracy": balanced_accuracy_score,
            "macro_f1": lambda truth, predicted: f1_score(truth, predicted, average="macro", zero_division=0),
        }
        for name, metric in expected.items():
            assert row[name] == pytest.approx(np.mean([metric(truth, predicted) for truth, predicted, _ in repeats])), name
        areas = [roc_auc_score(truth == "well", [p["well"] for p in scores]) for truth, _, scores in repeats]
        assert row["auc"] == pytest.approx(np.mean(areas))


def predictions(lab, job, method, estimator, seed):
    rows = lab.sql(
        "SELECT truth, predicted, probabilities FROM sample_predictions "
        "WHERE job = ? AND method = ? AND estimator = ? AND seed = ? ORDER BY unit_id",
        [job, method, estimator, seed],
    ).fetchall()
    truth, predicted, scores = zip(*rows, strict=True)
    return np.array(truth), np.array(predicted), scores


def test_no_patient_is_learnt_from_and_judged_in_one_fold(lab):
    report = lab.classify("ward", "sample_group", splits="cv", seeds=3, groups="patient", name="patients")
    rows = lab.sql(
        "SELECT seed, value, count(DISTINCT fold), count(*) FROM sample_predictions AS p JOIN sample_labels AS l "
        "ON l.unit_id = p.unit_id AND l.level = 'run' AND l.name = 'patient' WHERE job = ? GROUP BY seed, value",
        [report.job],
    ).fetchall()
    assert sorted(rows) == [(seed, f"p{patient}", 1, 2) for seed in range(3) for patient in range(1, 5)]


def test_a_job_of_the_same_name_is_replaced(lab):
    for splits in ("leave-one-out", "stratified"):
        lab.classify("ward", "sample_group", estimator="nearest", splits=splits, seeds=1, name="again")
    rows = lab.record.read("sample_predictions", columns=["splits"], where="job = 'again'")["splits"].to_pylist()
    assert set(rows) == {"stratified"}


def test_a_condition_is_a_target(lab):
    report = lab.classify("ward", "dose>0", estimator="nearest", splits="leave-one-out")
    truth = lab.sql("SELECT unit_id, truth FROM sample_predictions WHERE job = ?", [report.job]).fetchall()
    assert sorted(truth) == [(f"ward/{name}", "yes" if group == "sick" else "no") for name, group, *_ in sample_lab.RUNS]


def test_regression_and_its_metrics_are_those_of_sklearn(lab):
    report = lab.classify("ward", "dose", splits="leave-group-out", regress=True, groups="patient", baselines=True, name="dose")
    by_method = {row["method"]: row for row in report.metrics}
    rows = lab.sql(
        "SELECT truth_number, predicted_number FROM sample_predictions WHERE job = 'dose' AND method = 'mean'"
    ).fetchall()
    truth, predicted = np.array(rows).T
    assert by_method["mean"]["r2"] > 0.8
    assert by_method["none"]["r2"] < 0
    assert by_method["mean"]["r2"] == pytest.approx(r2_score(truth, predicted))
    assert by_method["mean"]["mae"] == pytest.approx(mean_absolute_error(truth, predicted))
    assert by_method["mean"]["rmse"] == pytest.approx(root_mean_squared_error(truth, predicted))


@pytest.mark.long
def test_project_gives_seeded_coordinates(lab):
    lab.project("ward", projections=("pca",))
    vectors = np.array(list(stored(lab, "mean").values()))
    rows = lab.sql("SELECT x, y, explained_x FROM sample_projection WHERE projection = 'pca' ORDER BY unit_id").fetchall()
    left, lengths, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs([row[:2] for row in rows]), np.abs(left[:, :2] * lengths[:2]), atol=1e-5)
    assert rows[0][2] == pytest.approx(lengths[0] ** 2 / (lengths**2).sum())
    pictures = []
    for _ in range(2):
        assert lab.project("ward", projections=("umap",), seed=3).explained is None
        umap = "SELECT unit_id, x, y FROM sample_projection WHERE projection = 'umap' ORDER BY unit_id"
        pictures.append(lab.sql(umap).fetchall())
    assert len(pictures[0]) == 9
    assert pictures[0] == pictures[1]


def test_umap_that_is_not_installed_is_told_before_anything_is_drawn(lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    drawn = lab.sql("SELECT * FROM sample_projection ORDER BY ALL").fetchall()
    with pytest.raises(MissingDependency, match=r"pip install 'spectradb\[umap\]'"):
        lab.project("ward")
    assert lab.sql("SELECT * FROM sample_projection ORDER BY ALL").fetchall() == drawn
    lab.project("ward", projections=("pca",))


def test_cluster_quality_is_that_of_sklearn(lab):
    rows = lab.sql("SELECT n, silhouette, purity FROM cluster_quality('ward', 'patient', method := 'max')").fetchall()
    vectors = {run: vector for run, vector in stored(lab, "max").items() if run != "ward/blank"}
    patients = {f"ward/{name}": patient for name, _, patient, _ in sample_lab.RUNS}
    labels = [patients[run] for run in vectors]
    expected = silhouette_score(np.array(list(vectors.values())), labels, metric="cosine")
    products = np.array([unit(v) for v in vectors.values()]) @ np.array([unit(v) for v in vectors.values()]).T
    np.fill_diagonal(products, -1)
    purity = np.mean([labels[i] == labels[j] for i, j in enumerate(products.argmax(axis=1))])
    assert rows == [(8, pytest.approx(expected, abs=1e-6), pytest.approx(purity))]


def test_compare_methods_has_a_row_for_each_way_of_measuring(lab):
    report = lab.compare_methods("ward", "sample_group", seeds=1)
    assert [(row["part"], row["n"], row["macro_f1"]) for row in sorted(report.rows, key=lambda row: row["part"])] == [
        ("HILIC, positive", 4, 1.0),
        ("RP, positive", 4, 1.0),
    ]
    few = lab.compare_methods("ward", "patient", by=["chromatography"])
    assert {row["macro_f1"] for row in few.rows} == {None}
    assert "needs 2" in few.rows[0]["not_classified"]


def test_markers_name_the_clusters_of_each_group(lab):
    report = lab.markers("ward", "sample_group")
    assert report.groups == {"sick": 4, "well": 4}
    best = {row["group_value"]: row for row in reversed(report.best)}
    assert {group: round(row["precursor_mz"], 1) for group, row in best.items()} == {"sick": 200.1, "well": 300.2}
    assert all(row["cliffs_delta"] == 1 and row["weight"] > 0 for row in best.values())
    common = lab.sql(
        "SELECT DISTINCT cliffs_delta, p_value, q_value FROM group_markers WHERE share_group = share_others"
    ).fetchall()
    assert common == [(0.0, 1.0, 1.0)]


def delta(group, others):
    return np.mean(np.sign(np.subtract.outer(group, others)))


@pytest.mark.parametrize("n", [11, 30])
def test_compare_groups_against_scipy(n):
    generator = np.random.default_rng(0)
    shares = generator.integers(0, 4, (n, 6)) / 10
    shares[:, 5] = generator.permutation(n)
    in_group = np.arange(n) < 5
    found = compare_groups(shares, in_group, pseudo_share=0.05)
    for place in range(6):
        group, others = shares[in_group, place], shares[~in_group, place]
        assert found["cliffs_delta"][place] == pytest.approx(delta(group, others))
        assert found["log2_fold"][place] == pytest.approx(np.log2((group.mean() + 0.05) / (others.mean() + 0.05)))
        if n == 30:  # 142,506 ways to choose five
            expected = mannwhitneyu(group, others, method="asymptotic").pvalue
        elif place == 5:  # without ties
            expected = mannwhitneyu(group, others, method="exact").pvalue
        else:
            ways = [np.isin(np.arange(n), chosen) for chosen in combinations(range(n), 5)]
            deltas = np.array([delta(shares[way, place], shares[~way, place]) for way in ways])
            expected = np.mean(np.abs(deltas) >= abs(delta(group, others)) - 1e-9)
        assert found["p_value"][place] == pytest.approx(expected)


def test_the_size_of_a_codebook_follows_the_number_of_spectra(tmp_path):
    assert [default_codewords(n) for n in (1, 899, 1968, 46_865, 1_000_000)] == [8, 8, 19, 468, 512]
    with sample_lab.build(tmp_path) as lab:
        assert lab.aggregate("ward", method="codebook").codebook == "ward-binned-8"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda lab: lab.aggregate("ward", method="median"), BadParameter, "must be one of mean"),
        (lambda lab: lab.aggregate("ward", level="batch"), BadParameter, "must be run or sample"),
        (lambda lab: lab.aggregate("ward", method="codebook", n_codewords=1), BadParameter, "at least 2 codewords"),
        (lambda lab: lab.aggregate("ward", method="memo"), NoSpectra, "at least ten peaks"),
        (lambda lab: lab.aggregate("nowhere"), NoCollection, "it has: ward"),
        (lambda lab: lab.aggregate("ward", model="none"), NoEmbedding, "spectradb embed"),
        (lambda lab: lab.classify("ward", "colour"), BadParameter, "it has: chromatography"),
        (lambda lab: lab.classify("ward", "patient>2"), BadParameter, "compares text"),
        (lambda lab: lab.classify("ward", "sample_group", only={"patient": "p9"}), BadParameter, "patient=p9"),
        (lambda lab: lab.classify("ward", "sample_type"), BadParameter, "only one class"),
        (lambda lab: lab.classify("ward", "patient", regress=True), BadParameter, "not a number"),
        (lambda lab: lab.classify("ward", "dose", estimator="ridge"), BadParameter, "one of logistic"),
        (lambda lab: lab.classify("ward", "dose", seeds=0), BadParameter, "at least 1"),
        (lambda lab: lab.project("ward", projections=("tsne",)), BadParameter, "must be of pca, umap"),
        (lambda lab: lab.markers("ward", "sample_type"), BadParameter, "one group only"),
        (lambda lab: lab.compare_methods("ward", "dose", by=["colour"]), BadParameter, "no run of ward"),
    ],
)
def test_errors_say_what_to_do(lab, call, error, says):
    with pytest.raises(error, match=says):
        call(lab)
