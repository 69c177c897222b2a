"""The macros and views about samples, over hand-made tables."""

import math

import pytest
from table_rows import put, tables

from spectradb import schemas
from spectradb.store.publish import SOURCES

OF_SAMPLES = (
    "views/sample_labels",
    *(
        f"macros/samples/{name}"
        for name in (
            "blank_spectra",
            "sample_embedding",
            "precursor_profile",
            "peak_profile",
            "nearest_codeword",
            "codebook_histogram",
            "classification_metrics",
            "confusion_matrix",
            "regression_metrics",
            "cluster_quality",
        )
    ),
)
UP, RIGHT, DIAGONAL = [0.0, 1.0], [1.0, 0.0], [0.6, 0.8]


def spectrum(spectrum_id, run, precursor_mz, vector, tic=1.0, **more):
    return {
        "spectrum_id": spectrum_id,
        "collection": "s",
        "run_id": run,
        "precursor_mz": precursor_mz,
        "ion_mode": "positive",
        "embedding_toy": vector,
        "tic": tic,
        "mz": [50.5, 200.0],
        "intensity": [1.0, 4.0],
    } | more


@pytest.fixture
def con():
    """Two runs of one sample, a blank, and a run without a sample; vectors of two elements."""
    con = tables(*SOURCES)
    con.execute("ALTER TABLE spectra ADD COLUMN embedding_toy FLOAT[2]")
    con.execute("CREATE SCHEMA vectors")
    con.execute(schemas.fill("publish/embedded_view", collection="s", model="toy"))
    con.execute("CREATE VIEW vectors.s__default AS FROM vectors.s__toy")
    for name in OF_SAMPLES:
        con.execute(schemas.read(name))
    put(
        con,
        "samples",
        {"sample_id": "s/a", "study": "s", "name": "a", "sample_type": "sample", "sample_group": "g", "metadata": {"age": "7"}},
        {"sample_id": "s/b", "study": "s", "name": "b", "sample_type": "Solvent Blank"},
    )
    put(
        con,
        "runs",
        {"run_id": "s/1", "collection": "s", "sample_id": "s/a", "ion_mode": "positive"},
        {"run_id": "s/2", "collection": "s", "sample_id": "s/a"},
        {"run_id": "s/3", "collection": "s", "sample_id": "s/b"},
        {"run_id": "s/4", "collection": "s"},
    )
    put(
        con,
        "spectra",
        spectrum(1, "s/1", 100.0, UP, tic=1.0),
        spectrum(2, "s/1", 100.9, RIGHT, tic=9.0),
        spectrum(3, "s/2", 1000.5, DIAGONAL),
        spectrum(4, "s/3", 100.0, UP),
        spectrum(5, "s/4", 100.0, RIGHT),
    )
    return con


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


@pytest.mark.covers("views/sample_labels")
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


@pytest.fixture
def identified(con):
    """Three spectra of a cluster, two of them identified, and a marker of the cluster."""
    con.execute(schemas.read("views/identifications"))
    con.execute(schemas.read("views/marker_identifications"))
    con.execute(schemas.read("macros/samples/marker_spectra"))
    put(con, "searches", {"search_id": "first", "study": "s"})
    put(con, "analytes", {"analyte_id": "A", "name": "a name"}, {"analyte_id": "B", "name": "b name"})
    put(
        con,
        "hits",
        *(
            {
                "search_id": "first",
                "query_id": query,
                "rank": rank,
                "analyte_id": analyte,
                "score": score,
                "library_spectrum_id": 5,
            }
            for query, rank, analyte, score in [(1, 1, "A", 0.5), (1, 2, "B", 0.25), (2, 1, "A", 0.75), (4, 1, "B", 1.0)]
        ),
    )
    codewords = [(1, 7, 0.5), (2, 7, 0.75), (3, 7, 0.75), (4, 8, 1.0)]
    put(
        con,
        "spectrum_codewords",
        *({"codebook": "c", "spectrum_id": i, "codeword": word, "similarity": x} for i, word, x in codewords),
    )
    put(
        con, "group_markers", {"study": "s", "target": "t", "group_value": "g", "codebook": "c", "codeword": 7, "q_value": 0.25}
    )
    return con


@pytest.mark.covers("macros/samples/marker_spectra")
def test_marker_spectra(identified):
    assert identified.execute("FROM marker_spectra('c', 7, k := 2)").fetchall() == [
        (2, "s/1", 100.9, None, 0.75, "A", "a name", 0.75),
        (3, "s/2", 1000.5, None, 0.75, None, None, None),
    ]


@pytest.mark.covers("views/marker_identifications")
def test_marker_identifications(identified):
    rows = identified.execute(
        "SELECT group_value, codeword, q_value, search_id, analyte_id, name, n_spectra, best_score FROM marker_identifications"
    ).fetchall()
    assert rows == [("g", 7, 0.25, "first", "A", "a name", 2, 0.75)]
