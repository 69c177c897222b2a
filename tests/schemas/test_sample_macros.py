"""The macros and views about samples, over hand-made tables."""

import math

import pytest
from table_rows import put, tables

from spectradb import schemas
from spectradb.store.publish import SOURCES
from spectradb.udfs.adducts import adduct_mz

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
    for name in (
        "views/identifications",
        "macros/samples/adduct_pairs",
        "views/spectrum_adducts",
        "views/marker_identifications",
        "macros/samples/marker_spectra",
    ):
        con.execute(schemas.read(name))
    put(con, "studies", {"name": "s"})
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


def coeluting(con, *ions):
    """Spectra of a run at (id, run, precursor m/z, retention time in s)."""
    rows = (spectrum(i, run, mz, UP, retention_time_s=seconds, charge=1) for i, run, mz, seconds in ions)
    put(con, "spectra", *rows)


@pytest.mark.covers("views/marker_identifications", "views/spectrum_adducts")
def test_marker_identifications(identified):
    query = (
        "SELECT group_value, codeword, q_value, search_id, analyte_id, name, n_spectra, best_score, adduct, ppm_error, "
        "probability, n_agree, n_contradict FROM marker_identifications"
    )
    identified.execute("UPDATE spectra SET adduct = '[M+H]+' WHERE spectrum_id = 5")
    identified.execute("UPDATE hits SET ppm_error = 2.5, probability = 0.875 WHERE query_id = 2")
    first = ("g", 7, 0.25, "first", "A", "a name", 2, 0.75, "[M+H]+", 2.5, 0.875)
    assert identified.execute(query).fetchall() == [(*first, 0, 0)]
    # The second spectrum of the cluster turns out to be a sodium adduct: another elutes with it 21.98195 lower.
    identified.execute("UPDATE spectra SET retention_time_s = 60 WHERE spectrum_id = 2")
    coeluting(identified, (21, "s/1", 100.9 - 21.981945, 61.0))
    assert identified.execute("FROM spectrum_adducts ORDER BY ALL").fetchall() == [(2, "[M+Na]+", 1), (21, "[M+H]+", 1)]
    assert identified.execute(query).fetchall() == [(*first, 0, 1)]
    # An answer to one spectrum that none speaks against comes before one to two.
    put(
        identified,
        "hits",
        {"search_id": "first", "query_id": 3, "rank": 1, "analyte_id": "B", "library_spectrum_id": 4, "score": 0.125},
    )
    assert [row[4:8] for row in identified.execute(query + " ORDER BY place").fetchall()] == [
        ("B", "b name", 1, 0.125),
        ("A", "a name", 2, 0.75),
    ]


@pytest.mark.covers("macros/samples/adduct_pairs")
def test_adduct_pairs(con):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    put(con, "studies", {"name": "s"})
    proton, sodium, ammonium, neutral = 1.007276, 22.989221, 18.033826, 300.1
    coeluting(
        con,
        (21, "s/1", neutral + proton, 60.0),
        (22, "s/1", neutral + sodium, 61.9),
        (23, "s/1", neutral + ammonium, 62.1),  # 2.1 s from the first, with the second
        (24, "s/2", neutral + sodium, 60.0),  # of another run
        (25, "s/1", (neutral + sodium) * (1 + 12e-6), 60.0),  # 12 ppm off
    )
    rows = con.execute(
        "SELECT study, run_id, spectrum_id, adduct, partner_id, partner_adduct, neutral_mass, ppm_error "
        "FROM adduct_pairs('s') ORDER BY ALL"
    ).fetchall()
    near = pytest.approx(neutral, abs=1e-9), pytest.approx(0, abs=1e-6)
    assert rows == [
        ("s", "s/1", 21, "[M+H]+", 22, "[M+Na]+", *near),
        ("s", "s/1", 22, "[M+Na]+", 21, "[M+H]+", *near),
        ("s", "s/1", 22, "[M+Na]+", 23, "[M+NH4]+", *near),
        ("s", "s/1", 23, "[M+NH4]+", 22, "[M+Na]+", *near),
    ]
    wide = (
        "SELECT spectrum_id, adduct, partner_id, round(ppm_error, 3) "
        "FROM adduct_pairs(ppm := 13, rt_seconds := 3) WHERE spectrum_id = 21"
    )
    assert con.execute(wide + " ORDER BY ALL").fetchall() == [
        (21, "[M+H]+", 22, 0.0),
        (21, "[M+H]+", 23, 0.0),
        (21, "[M+H]+", 25, 12.0),
    ]
    assert con.execute("FROM adduct_pairs('another')").fetchall() == []
    # Of more than one charge, of no retention time, or too light: no pair.
    con.execute("UPDATE spectra SET charge = 2 WHERE spectrum_id = 22")
    assert con.execute("FROM adduct_pairs('s')").fetchall() == []
    coeluting(con, (31, "s/2", 40.0 + proton, 60.0), (32, "s/2", 40.0 + sodium, 60.0))
    con.execute("UPDATE spectra SET charge = NULL, retention_time_s = NULL WHERE spectrum_id = 22")
    assert con.execute("FROM adduct_pairs('s')").fetchall() == []


@pytest.mark.parametrize("ion_mode", ["positive", "negative"])
def test_adduct_pairs_know_the_masses_of_adducts(con, ion_mode):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    put(con, "studies", {"name": "s"})
    adducts = {
        "positive": ["[M+H]+", "[M+Na]+", "[M+NH4]+", "[M+K]+", "[M-H2O+H]+"],
        "negative": ["[M-H]-", "[M+Cl]-", "[M+CHO2]-", "[M-H2O-H]-"],
    }
    # At the mass that the package's own arithmetic of adducts gives.
    for number, adduct in enumerate(adducts[ion_mode]):
        row = spectrum(100 + number, "s/1", adduct_mz(400.0, adduct), UP, retention_time_s=60.0, ion_mode=ion_mode)
        put(con, "spectra", row)
    rows = con.execute("SELECT DISTINCT spectrum_id, adduct FROM adduct_pairs(ppm := 0.01) ORDER BY ALL").fetchall()
    assert rows == [(100 + number, adduct) for number, adduct in enumerate(adducts[ion_mode])]


@pytest.mark.covers("views/marker_adducts")
def test_marker_adducts(con):
    con.execute(schemas.read("macros/samples/adduct_pairs"))
    con.execute(schemas.read("views/marker_adducts"))
    put(con, "studies", {"name": "s"})
    proton, sodium, potassium = 1.007276, 22.989221, 38.963158
    words = []
    for run, seconds in (("s/1", 60.0), ("s/2", 62.5)):
        start = 100 * int(run[-1])
        # Clusters 1 and 2 are one compound. Of cluster 4 a third is its water loss; cluster 5 elutes elsewhere.
        ions = [(1, 300.1 + sodium), (2, 300.1 + proton), (4, 300.1 - 17.003288)]
        coeluting(con, *((start + codeword, run, mz, seconds) for codeword, mz in ions))
        coeluting(
            con, (start + 5, run, 300.1 + 18.033826, seconds + 9), (start + 6, run, 500.0, 1.0), (start + 7, run, 510.0, 1.0)
        )
        words += [(start + place, codeword) for place, codeword in ((1, 1), (2, 2), (4, 4), (5, 5), (6, 4), (7, 4))]
    # Cluster 3 is in one run only.
    coeluting(con, (103, "s/1", 300.1 + potassium, 60.0))
    words.append((103, 3))
    put(con, "spectrum_codewords", *({"codebook": "c", "spectrum_id": i, "codeword": word} for i, word in words))
    marker = {"study": "s", "target": "t", "level": "run", "codebook": "c", "cliffs_delta": 0.5}
    put(con, "group_markers", *(marker | {"group_value": "g", "codeword": word} for word in (1, 2, 3, 4, 5)))
    # In the other group the first is rarer.
    put(con, "group_markers", marker | {"group_value": "h", "codeword": 1, "cliffs_delta": -0.5})
    put(con, "group_markers", marker | {"group_value": "h", "codeword": 2})
    rows = con.execute(
        "SELECT group_value, codeword, adduct, other_codeword, other_adduct, n_paired, n_spectra "
        "FROM marker_adducts ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("g", 1, "[M+Na]+", 2, "[M+H]+", 2, 2),
        ("g", 1, "[M+Na]+", 4, "[M-H2O+H]+", 2, 2),
        ("g", 2, "[M+H]+", 1, "[M+Na]+", 2, 2),
        ("g", 2, "[M+H]+", 4, "[M-H2O+H]+", 2, 2),
    ]
