"""The macros and views about samples, over hand-made tables."""

import math

import pytest
from sample_rows import DIAGONAL, RIGHT, UP, sample_tables, spectrum
from table_rows import put


@pytest.fixture
def con():
    return sample_tables()


def vectors(con, query):
    return [(unit, n, [pytest.approx(x) for x in vector]) for unit, n, vector in con.execute(query).fetchall()]


@pytest.mark.covers("macros/samples/blank_spectra")
def test_blank_spectra(con):
    put(
        con,
        "spectra",
        spectrum(11, "s/1", 100.0009, DIAGONAL, tic=2.9),  # 9 ppm away, similarity 0.8, not 3 times as strong: background
        spectrum(12, "s/1", 100.0011, DIAGONAL),  # 11 ppm away
        spectrum(13, "s/1", 100.0, DIAGONAL, tic=3.0),  # 3 times as strong
        spectrum(14, "s/1", 100.0, [0.8, 0.6]),  # not similar
        spectrum(15, "s/1", 100.0, UP, ion_mode="negative"),
    )
    assert con.execute("FROM blank_spectra('s') ORDER BY ALL").fetchall() == [(1,), (4,), (11,)]
    assert con.execute("FROM blank_spectra('s', model := 'toy', min_similarity := 0.9) ORDER BY ALL").fetchall() == [(1,), (4,)]
    assert con.execute("FROM blank_spectra('s', ratio := 1) ORDER BY ALL").fetchall() == [(4,)]
    assert con.execute("FROM blank_spectra('s', wanted := false)").fetchall() == []


@pytest.mark.covers("macros/samples/sample_embedding")
def test_sample_embedding(con):
    half = math.sqrt(0.5)
    alone = [("s/2", 1, [0.6, 0.8]), ("s/3", 1, UP), ("s/4", 1, RIGHT)]
    assert vectors(con, "FROM sample_embedding('s')") == [("s/1", 2, [half, half]), *alone]
    assert vectors(con, "FROM sample_embedding('s', normalise := false)") == [("s/1", 2, [0.5, 0.5]), *alone]
    # Weights 1 and 3, the square roots of the intensities.
    weighted = "FROM sample_embedding('s', method := 'intensity_weighted', normalise := false)"
    assert vectors(con, weighted) == [("s/1", 2, [0.75, 0.25]), *alone]
    by_intensity = "FROM sample_embedding('s', method := 'intensity_weighted', tic_power := 1, normalise := false)"
    assert vectors(con, by_intensity) == [("s/1", 2, [0.9, 0.1]), *alone]
    assert vectors(con, "FROM sample_embedding('s', method := 'max', normalise := false)") == [("s/1", 2, [1, 1]), *alone]
    spread = vectors(con, "FROM sample_embedding('s', method := 'mean_spread')")
    assert spread == [
        ("s/1", 2, [0.5, 0.5, 0.5, 0.5]),
        ("s/2", 1, [0.6, 0.8, 0, 0]),
        ("s/3", 1, [*UP, 0, 0]),
        ("s/4", 1, [*RIGHT, 0, 0]),
    ]


def test_sample_embedding_of_samples_and_without_blanks(con):
    of_samples = vectors(con, "FROM sample_embedding('s', level := 'sample', normalise := false)")
    assert of_samples == [("s/a", 3, [1.6 / 3, 1.8 / 3]), ("s/b", 1, UP)]
    without = vectors(con, "FROM sample_embedding('s', subtract_blanks := true)")
    assert without == [("s/1", 1, RIGHT), ("s/2", 1, [0.6, 0.8]), ("s/4", 1, RIGHT)]


@pytest.mark.parametrize("wrong", ["method := 'median'", "level := 'batch'"])
def test_sample_embedding_refuses_what_it_does_not_know(con, wrong):
    with pytest.raises(Exception, match="must be"):
        con.execute(f"FROM sample_embedding('s', {wrong})").fetchall()


@pytest.mark.covers("macros/samples/precursor_profile")
def test_precursor_profile(con):
    rows = con.execute("FROM precursor_profile('s', level := 'sample', bins := 102)").fetchall()
    # The precursor at 1000.5 is beyond the profile.
    assert rows == [("s/a", 3, [0.0] * 100 + [2.0, 0.0]), ("s/b", 1, [0.0] * 100 + [1.0, 0.0])]
    assert [len(row[2]) for row in con.execute("FROM precursor_profile('s')").fetchall()] == [1000] * 4
    without = con.execute("FROM precursor_profile('s', subtract_blanks := true, bins := 1)").fetchall()
    assert without == [("s/1", 1, [0.0]), ("s/2", 1, [0.0]), ("s/4", 1, [0.0])]


@pytest.mark.covers("macros/samples/peak_profile")
def test_peak_profile(con):
    rows = con.execute("FROM peak_profile('s', bin_width := 100, max_mz := 250) WHERE unit_id <> 's/4'").fetchall()
    assert rows == [("s/1", 2, [0.5, 0.0, 2.0]), ("s/2", 1, [0.25, 0.0, 1.0]), ("s/3", 1, [0.25, 0.0, 1.0])]
    below = con.execute("FROM peak_profile('s', level := 'sample', bin_width := 100, max_mz := 200)").fetchall()
    assert below == [("s/a", 3, [0.75, 0.0]), ("s/b", 1, [0.25, 0.0])]
    assert [len(row[2]) for row in con.execute("FROM peak_profile('s', subtract_blanks := true)").fetchall()] == [1000] * 3


def put_codebook(con, *centroids):
    rows = ({"codebook": "c", "codeword": i, "centroid": centroid, "study": "s"} for i, centroid in enumerate(centroids))
    put(con, "codebooks", *rows, {"codebook": "another", "codeword": 0, "centroid": DIAGONAL})


@pytest.mark.covers("macros/samples/nearest_codeword")
def test_nearest_codeword(con):
    put_codebook(con, RIGHT, UP, UP)
    rows = con.execute("FROM nearest_codeword('s', 'c')").fetchall()
    assert rows == [(1, 1, 1.0), (2, 0, 1.0), (3, 1, pytest.approx(0.8)), (4, 1, 1.0), (5, 0, 1.0)]


@pytest.mark.covers("macros/samples/codebook_histogram")
def test_codebook_histogram(con):
    put_codebook(con, RIGHT, UP, DIAGONAL)
    put(con, "spectrum_codewords", *({"codebook": "c", "spectrum_id": i, "codeword": i % 3} for i in (1, 2, 3, 4)))
    put(con, "spectrum_codewords", {"codebook": "another", "spectrum_id": 1, "codeword": 0})
    third = math.sqrt(1 / 3)
    assert vectors(con, "FROM codebook_histogram('s', 'c', level := 'sample')") == [
        ("s/a", 3, [third, third, third]),
        ("s/b", 1, [0, 1, 0]),
    ]
    without = vectors(con, "FROM codebook_histogram('s', 'c', subtract_blanks := true)")
    assert without == [("s/1", 1, [0, 0, 1]), ("s/2", 1, [1, 0, 0])]


def prediction(unit, truth, predicted, yes, *, seed=0, method="mean"):
    return {
        "job": "j",
        "task": "classification",
        "method": method,
        "estimator": "logistic",
        "seed": seed,
        "unit_id": unit,
        "truth": truth,
        "predicted": predicted,
        "probabilities": {"no": 1 - yes, "yes": yes},
    }


@pytest.fixture
def judged(con):
    put(
        con,
        "sample_predictions",
        prediction("1", "yes", "yes", 0.9),
        prediction("2", "yes", "no", 0.4),
        prediction("3", "no", "no", 0.4),
        prediction("4", "no", "no", 0.1),
        prediction("1", "yes", "yes", 0.9, seed=1),
        prediction("3", "no", "no", 0.2, seed=1),
        prediction("1", "no", "yes", 0.9, method="max"),
        prediction("9", "no", "yes", 0.9) | {"job": "other"},
    )
    return con


@pytest.mark.covers("macros/samples/classification_metrics")
def test_classification_metrics(judged):
    found = judged.execute("FROM classification_metrics('j')")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    # First repeat: F1 of yes 2/3, of no 4/5; of four pairs of yes and no three are in order and one is tied.
    first_f1 = (2 / 3 + 4 / 5) / 2
    assert rows == [
        {
            "method": "mean",
            "estimator": "logistic",
            "n_seeds": 2,
            "n_predictions": 6,
            "n_classes": 2,
            "accuracy": pytest.approx((3 / 4 + 1) / 2),
            "balanced_accuracy": pytest.approx(((1 / 2 + 1) / 2 + 1) / 2),
            "macro_f1": pytest.approx((first_f1 + 1) / 2),
            "auc": pytest.approx((3.5 / 4 + 1) / 2),
            "macro_f1_sd": pytest.approx((1 - first_f1) / math.sqrt(2)),
            "auc_sd": pytest.approx((1 - 3.5 / 4) / math.sqrt(2)),
        },
        {
            "method": "max",
            "estimator": "logistic",
            "n_seeds": 1,
            "n_predictions": 1,
            "n_classes": 1,
            "accuracy": 0.0,
            "balanced_accuracy": 0.0,
            "macro_f1": 0.0,
            "auc": None,
            "macro_f1_sd": None,
            "auc_sd": None,
        },
    ]


@pytest.mark.covers("macros/samples/confusion_matrix")
def test_confusion_matrix(judged):
    assert judged.execute("FROM confusion_matrix('j', method := 'mean', estimator := 'logistic')").fetchall() == [
        ("mean", "logistic", "no", "no", 1.5, 1.0),
        ("mean", "logistic", "yes", "no", 0.5, pytest.approx(1 / 3)),
        ("mean", "logistic", "yes", "yes", 1.0, pytest.approx(2 / 3)),
    ]
    assert judged.execute("SELECT count(*) FROM confusion_matrix('j')").fetchall() == [(4,)]


@pytest.mark.covers("macros/samples/regression_metrics")
def test_regression_metrics(con):
    numbers = [("1", 1.0, 2.0, 0), ("2", 3.0, 3.0, 0), ("1", 5.0, 4.0, 1)]
    put(
        con,
        "sample_predictions",
        *(
            {"job": "j", "task": "regression", "method": "mean", "estimator": "ridge", "seed": seed, "unit_id": unit}
            | {"truth_number": truth, "predicted_number": predicted}
            for unit, truth, predicted, seed in numbers
        ),
    )
    # First repeat: residual 1 of a total of 2; the second, of one number, has no total.
    assert con.execute("FROM regression_metrics('j')").fetchall() == [
        ("mean", "ridge", 2, 3, 0.5, 0.75, pytest.approx((math.sqrt(0.5) + 1) / 2), None)
    ]


@pytest.mark.covers("macros/samples/cluster_quality")
def test_cluster_quality(con):
    put(
        con,
        "samples",
        *({"sample_id": f"s/{n}", "study": "s", "sample_type": "x", "sample_group": n[0]} for n in ("g1", "g2", "h1")),
    )
    put(
        con,
        "runs",
        *({"run_id": f"s/{n}", "collection": "s", "sample_id": f"s/{n}", "ion_mode": "positive"} for n in ("g1", "g2", "h1")),
    )
    points = {"g1": [2.0, 0.0], "g2": [1.2, 1.6], "h1": [0.0, 3.0]}
    put(
        con,
        "sample_embeddings",
        *(
            {"study": "s", "method": "mean", "model": "toy", "level": "run", "unit_id": f"s/{n}", "embedding": point}
            | {"blanks_subtracted": False}
            for n, point in points.items()
        ),
    )
    # Cosine distances: g1-g2 0.4, g1-h1 1, g2-h1 0.2; h1 is alone in its group. The nearest neighbour of g2 is h1.
    row = ("toy", 3, 2, pytest.approx((0.6 / 1 + (0.2 - 0.4) / 0.4 + 0) / 3), pytest.approx(1 / 3), pytest.approx(1 / 3))
    whole = con.execute("FROM cluster_quality('s', 'sample_group')").fetchall()
    assert whole == [(row[0], "all", *row[1:])]
    parts = con.execute(
        "FROM cluster_quality('s', 'sample_group', parts := ['ion_mode', 'sample_type'], model := 'toy')"
    ).fetchall()
    assert parts == [(row[0], "positive, x", *row[1:])]
    assert con.execute("FROM cluster_quality('s', 'sample_group', model := 'none')").fetchall() == []
    assert con.execute("FROM cluster_quality('s', 'sample_group', parts := ['sample_id'])").fetchall() == []


@pytest.mark.covers("views/samples/sample_labels")
def test_sample_labels(con):
    rows = con.execute("FROM sample_labels WHERE level = 'sample' ORDER BY ALL").fetchall()
    assert rows == [
        ("s", "sample", "s/a", "age", "7", 7.0, False),
        ("s", "sample", "s/a", "is_control", "false", None, False),
        ("s", "sample", "s/a", "name", "a", None, False),
        ("s", "sample", "s/a", "sample_group", "g", None, False),
        ("s", "sample", "s/a", "sample_type", "sample", None, False),
        ("s", "sample", "s/b", "is_control", "true", None, True),
        ("s", "sample", "s/b", "name", "b", None, True),
        ("s", "sample", "s/b", "sample_type", "Solvent Blank", None, True),
    ]
    of_run = con.execute("SELECT unit_id, name, value FROM sample_labels WHERE unit_id = 's/1' ORDER BY ALL").fetchall()
    assert of_run == [
        ("s/1", "age", "7"),
        ("s/1", "ion_mode", "positive"),
        ("s/1", "is_control", "false"),
        ("s/1", "name", "a"),
        ("s/1", "sample_group", "g"),
        ("s/1", "sample_id", "s/a"),
        ("s/1", "sample_type", "sample"),
    ]


@pytest.mark.covers("macros/metrics/thresholds/as_number")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("40", 40.0), (" 2.5 ", 2.5), ("-.5e-3", -0.0005), ("3.", 3.0), ("+7", 7.0)),
        *(("25_25_25_25", None), ("nan", None), ("inf", None), ("0x10", None), ("2,5", None), ("", None), ("1e999", None)),
        *(("12 mg", None), (None, None)),
    ],
)
def test_as_number(con, text, number):
    assert con.execute("SELECT as_number(?)", [text]).fetchall() == [(number,)]
