"""Numerics of samples on arrays: clustering, splits, estimators, projections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spectradb.errors import BadParameter
from spectradb.samples.codebook import assign, spherical_kmeans
from spectradb.samples.estimators import class_scores, classifier, regression
from spectradb.samples.experiment import CLASSIFIERS
from spectradb.samples.grouped_ridge import PENALTIES, GroupedRidge
from spectradb.samples.project import pca
from spectradb.samples.splits import make_splits


def unit_vectors(n, d, *, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_kmeans_finds_separate_clusters():
    centres = np.eye(3, 5, dtype=np.float32)
    vectors = np.repeat(centres, 20, axis=0) + 0.05 * unit_vectors(60, 5)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centroids = spherical_kmeans(vectors, 3, seed=1)
    nearest, similarity = assign(vectors, centroids)
    assert sorted(np.bincount(nearest)) == [20, 20, 20]
    assert similarity.min() > 0.99
    by_sklearn = KMeans(3, n_init=5, random_state=0).fit_predict(vectors)
    assert {(int(a), int(b)) for a, b in zip(nearest, by_sklearn, strict=True)} == set(
        zip(nearest[[0, 20, 40]].tolist(), by_sklearn[[0, 20, 40]].tolist(), strict=True)
    )


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 5))
def test_kmeans_gives_distinct_units_and_repeats_itself(n, n_codewords, seed):
    vectors = unit_vectors(n, 4, seed=n)
    centroids = spherical_kmeans(vectors, n_codewords, seed=seed)
    assert len(centroids) == min(n, n_codewords)
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(centroids, spherical_kmeans(vectors, n_codewords, seed=seed))


def test_copies_of_one_spectrum_make_one_codeword():
    assert spherical_kmeans(np.tile(np.float32([0.6, 0.8]), (5, 1)), 3).tolist() == [pytest.approx([0.6, 0.8])]


CLASSES = np.array(["a", "b"] * 15)
GROUPS = np.array([f"{c}{i // 6}" for i, c in enumerate(CLASSES)])


@pytest.mark.parametrize("kind", ["stratified", "cv", "leave-group-out"])
@pytest.mark.parametrize("classes", [CLASSES, None], ids=["classes", "numbers"])
@pytest.mark.parametrize("seed", range(5))
def test_groups_never_straddle_a_split(kind, classes, seed):
    splits = list(make_splits(kind, classes, GROUPS, 30, seed=seed))
    for learnt, judged in splits:
        assert sorted([*learnt, *judged]) == list(range(30))
        assert set(GROUPS[learnt]) & set(GROUPS[judged]) == set()
        if classes is not None and kind != "leave-group-out":
            assert set(classes[judged]) == {"a", "b"}
    judged_once = sorted(index for _, judged in splits for index in judged)
    assert judged_once == list(range(30)) or kind == "stratified"


def test_stratified_is_seventy_to_thirty_in_proportion():
    classes = np.array(["a"] * 20 + ["b"] * 10)
    ((learnt, judged),) = make_splits("stratified", classes, None, 30, seed=4)
    assert (sorted(classes[learnt]), sorted(classes[judged])) == (["a"] * 14 + ["b"] * 7, ["a"] * 6 + ["b"] * 3)
    ((_, others),) = make_splits("stratified", classes, None, 30, seed=5)
    assert set(judged) != set(others)


@pytest.mark.parametrize(
    ("kind", "classes", "groups", "says"),
    [
        ("bootstrap", CLASSES, None, "must be one of stratified"),
        ("leave-group-out", CLASSES, None, "--groups"),
        ("cv", np.array(["a"] * 30), None, "only one class"),
        ("stratified", np.array(["a"] * 29 + ["b"]), None, "class 'b' has 1 member"),
        ("stratified", np.array(["a"] * 15 + ["b"] * 15), np.array(["g"] * 15 + ["h"] * 15), "needs 2"),
    ],
)
def test_splits_that_cannot_be_say_why(kind, classes, groups, says):
    with pytest.raises(BadParameter, match=says):
        list(make_splits(kind, classes, groups, 30))


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_classifiers_learn_what_is_plain_and_score_between_0_and_1(name, n_classes):
    classes = np.array(["x", "y", "z"])[np.arange(60) % n_classes]
    vectors = np.eye(n_classes, 6)[np.arange(60) % n_classes] + 0.1 * unit_vectors(60, 6)
    fitted = classifier(name, n_features=4).fit(vectors[:40], classes[:40])
    assert fitted.predict(vectors[40:]).tolist() == classes[40:].tolist()
    scores = class_scores(fitted, vectors[40:])
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert scores.argmax(axis=1).tolist() == (np.arange(40, 60) % n_classes).tolist()


def test_scaling_and_selection_are_learnt_inside_the_fold():
    vectors = unit_vectors(30, 8).astype(float)
    fitted = classifier("logistic", n_features=3).fit(vectors[:20], CLASSES[:20])
    before = fitted.predict_proba(vectors[20:21])
    # What stands beside it among the held out has no say in a prediction.
    np.testing.assert_array_equal(before, fitted.predict_proba(np.vstack([vectors[20:21], 1e6 * vectors[21:]]))[:1])
    assert fitted["standardscaler"].n_samples_seen_ == 20


def test_grouped_ridge_is_ridge_by_grouped_search():
    vectors = unit_vectors(30, 50).astype(float)
    numbers = vectors[:, :5].sum(axis=1) + 0.1 * np.arange(30)
    groups = GROUPS[:24]
    found = GroupedRidge(groups, seed=3).fit(vectors[:24], numbers[:24])
    folds = list(GroupKFold(5, shuffle=True, random_state=3).split(vectors[:24], groups=groups))
    search = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": PENALTIES}, cv=folds, scoring="neg_mean_squared_error"
    ).fit(vectors[:24], numbers[:24])
    assert found.alpha_ == search.best_params_["ridge__alpha"]
    np.testing.assert_allclose(found.predict(vectors[24:]), search.predict(vectors[24:]), atol=1e-8)


def test_ridge_on_few_does_not_search():
    fitted = regression("ridge").fit(np.array([[0.0], [1.0]]), np.array([0.0, 1.0]))
    assert fitted[-1].alpha_ == 1.0


def test_pca_has_fixed_signs_and_takes_vectors_that_are_all_equal():
    coordinates, explained = pca(np.array([[0.0, 0.0], [0.0, 2.0], [0.0, -6.0]]))
    np.testing.assert_allclose(coordinates[:, 0], [-4 / 3, -10 / 3, 14 / 3])
    assert explained == pytest.approx((1, 0))
    same, nothing = pca(np.ones((3, 2)))
    assert (same.tolist(), nothing) == ([[0, 0]] * 3, (0.0, 0.0))
