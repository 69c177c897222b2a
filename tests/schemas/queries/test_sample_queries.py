"""The statements behind the verbs about samples, over hand-made tables."""

import pyarrow as pa
import pytest
from sample_rows import embedded_tables
from table_rows import create_views, put, put_names

from spectradb import schemas

UP, RIGHT = [0.0, 1.0], [1.0, 0.0]
KIND = {"study": "s", "method": "mean", "model": "toy", "level": "run", "blanks_subtracted": False}


@pytest.fixture
def con():
    """Three runs of two groups, with vectors of two elements, and everything about samples that is created in a lab."""
    con = embedded_tables()
    create_views(con)
    for number, (group, chromatography, vector) in enumerate(
        [("g", "RP", UP), ("g", "HILIC", UP), ("h", "RP", RIGHT)], start=1
    ):
        put(con, "samples", {"sample_id": f"s/{number}", "study": "s", "name": f"n{number}", "sample_group": group})
        put(con, "runs", {"run_id": f"s/{number}", "collection": "s", "sample_id": f"s/{number}"})
        con.execute(
            "UPDATE runs SET chromatography = ?, ion_mode = 'positive' WHERE run_id = ?", [chromatography, f"s/{number}"]
        )
        row = {"spectrum_id": number, "collection": "s", "run_id": f"s/{number}", "precursor_mz": number + 0.5, "tic": 1.0}
        put(con, "spectra", row | {"embedding_toy": vector, "mz": [1.5], "intensity": [2.0], "ion_mode": "positive"})
        put(con, "sample_embeddings", KIND | {"unit_id": f"s/{number}", "embedding": vector})
    return con


def rows(con, name, parameters=None, **others):
    return con.execute(schemas.read(f"queries/{name}"), {**(parameters or {}), **others}).fetchall()


@pytest.mark.covers("queries/samples/fitting_spectra")
def test_fitting_spectra(con):
    # Ids 1, 2, 3 are moved by the seed: by 126 times 7919 the second comes round to the smallest.
    of_toy = {"study": "s", "model": "toy"}
    assert rows(con, "samples/fitting_spectra", {"seed": 0, "n": 2}, **of_toy) == [(tuple(UP),), (tuple(UP),)]
    assert len(rows(con, "samples/fitting_spectra", {"seed": 7, "n": 9}, **of_toy)) == 3


@pytest.mark.covers("queries/samples/sample_embedding")
def test_sample_embedding(con):
    wanted = {"method": "mean", "level": "run", "subtract_blanks": False}
    found = rows(con, "samples/sample_embedding", wanted, study="s", model="toy")
    assert found == [("s/1", 1, UP), ("s/2", 1, UP), ("s/3", 1, RIGHT)]


@pytest.mark.covers("queries/samples/precursor_profile")
def test_precursor_profile(con):
    found = rows(con, "samples/precursor_profile", {"level": "run", "subtract_blanks": False}, study="s", model="toy")
    assert [(unit, n, vector.index(1.0), len(vector)) for unit, n, vector in found] == [
        ("s/1", 1, 1, 1000),
        ("s/2", 1, 2, 1000),
        ("s/3", 1, 3, 1000),
    ]


@pytest.mark.covers("queries/samples/peak_profile")
def test_peak_profile(con):
    found = rows(con, "samples/peak_profile", {"level": "sample", "subtract_blanks": False}, study="s", model="toy")
    assert [(unit, vector.index(1.0), sum(vector)) for unit, _, vector in found] == [
        ("s/1", 1, 1),
        ("s/2", 1, 1),
        ("s/3", 1, 1),
    ]


@pytest.fixture
def fitted(con):
    """A codebook at hand."""
    codebook = pa.table({"codebook": ["c", "c"], "codeword": [0, 1], "centroid": [RIGHT, UP]})
    con.register("fitted_codebook", codebook.cast(codebook.schema.set(2, pa.field("centroid", pa.list_(pa.float32())))))
    return con


@pytest.mark.covers("queries/samples/nearest_codeword")
def test_nearest_codeword(fitted):
    wanted = {"codebook": "c", "created": "2026-01-01"}
    found = rows(fitted, "samples/nearest_codeword", wanted, study="s", model="toy")
    assert [row[:4] for row in found] == [("c", 1, 1, 1.0), ("c", 2, 1, 1.0), ("c", 3, 0, 1.0)]


@pytest.mark.covers("queries/samples/codebook_histogram")
def test_codebook_histogram(fitted):
    fitted.register("assigned_codewords", pa.table({"codebook": ["c"] * 3, "spectrum_id": [1, 2, 3], "codeword": [1, 1, 0]}))
    wanted = {"codebook": "c", "level": "run", "subtract_blanks": False}
    found = rows(fitted, "samples/codebook_histogram", wanted, study="s", model="toy")
    assert found == [("s/1", 1, UP), ("s/2", 1, UP), ("s/3", 1, RIGHT)]


@pytest.mark.covers("queries/samples/known_codebook", "queries/samples/codebook_in_use")
def test_known_codebook_and_codebook_in_use(con):
    for name, created in (("old", "2026-01-01"), ("new", "2026-01-02")):
        for codeword in (0, 1):
            row = {"codebook": name, "codeword": codeword, "study": "s", "model": "toy", "seed": 1, "record_version": 5}
            put(con, "codebooks", row | {"created": created})
    assert rows(con, "samples/known_codebook", {"codebook": "old", "seed": 1, "record_version": 5}) == [("old",)]
    assert rows(con, "samples/known_codebook", {"codebook": "old", "seed": 1, "record_version": 6}) == []
    histograms = KIND | {"method": "codebook"}
    assert rows(con, "samples/codebook_in_use", histograms) == []
    put(con, "sample_embeddings", *(histograms | {"unit_id": unit, "codebook": "old"} for unit in "ab"))
    assert rows(con, "samples/codebook_in_use", histograms) == [("old",)]


@pytest.mark.covers("queries/samples/sample_labels", "queries/samples/sample_label_names")
def test_sample_labels_and_sample_label_names(con):
    wanted = {"study": "s", "level": "run"}
    found = rows(con, "samples/sample_labels", wanted | {"name": "sample_group"})
    assert found == [("s/1", "g", None, False), ("s/2", "g", None, False), ("s/3", "h", None, False)]
    names = [name for (name,) in rows(con, "samples/sample_label_names", wanted)]
    assert names == ["chromatography", "ion_mode", "is_control", "name", "sample_group", "sample_id"]


@pytest.mark.covers("queries/samples/sample_vectors")
def test_sample_vectors(con):
    put(con, "sample_embeddings", KIND | {"unit_id": "s/1", "embedding": [2.0], "model": None, "method": "peak_profile"})
    found = rows(con, "samples/sample_vectors", KIND, relation="sample_embeddings")
    assert found == [("s/1", UP), ("s/2", UP), ("s/3", RIGHT)]
    profile = KIND | {"model": None, "method": "peak_profile"}
    assert rows(con, "samples/sample_vectors", profile, relation="sample_embeddings") == [("s/1", [2.0])]
    assert rows(con, "samples/sample_vectors", KIND | {"blanks_subtracted": True}, relation="sample_embeddings") == []


@pytest.mark.covers("queries/samples/marker_representatives")
def test_marker_representatives(con):
    nearness = [(1, 0, 0.5), (2, 0, 0.75), (3, 0, 1.0)]
    put(
        con,
        "spectrum_codewords",
        *({"codebook": "c", "spectrum_id": i, "codeword": w, "similarity": x} for i, w, x in nearness),
    )
    con.register("compared_units", pa.table({"unit_id": ["s/1", "s/2", "s/3"], "in_group": [True, True, False]}))
    # The third is nearest, but not of the group.
    assert rows(con, "samples/marker_representatives", {"codebook": "c", "level": "run"}) == [(0, 3, 2)]
    assert rows(con, "samples/marker_representatives", {"codebook": "c", "level": "sample"}) == [(0, 3, 2)]


@pytest.mark.covers("queries/samples/best_markers")
def test_best_markers(con):
    marker = {"study": "s", "target": "t", "level": "run", "codebook": "c", "group_value": "g", "spectrum_id": 2}
    put(
        con,
        "group_markers",
        marker | {"codeword": 0, "cliffs_delta": 0.5, "q_value": 0.25},
        marker | {"codeword": 1, "cliffs_delta": 1.0, "q_value": 0.25},
        marker | {"codeword": 2, "cliffs_delta": -1.0, "q_value": 0.0},
        marker | {"codeword": 3, "cliffs_delta": 0.25, "q_value": 0.5},
    )
    put(con, "searches", {"search_id": "first", "study": "s", "library": "l", "finished": "2026-01-01"})
    put(con, "spectra", {"spectrum_id": 51, "collection": "l", "analyte_id": "A", "adduct": "[M+H]+"})
    put_names(con, "l", {"A": "a name"})
    hit = {"search_id": "first", "query_id": 1, "rank": 1, "analyte_id": "A", "library_spectrum_id": 51}
    put(con, "hits", hit | {"ppm_error": 1.5, "probability": 0.75})
    put(con, "spectrum_codewords", *({"codebook": "c", "spectrum_id": i, "codeword": w} for i, w in ((1, 0), (2, 1))))
    found = rows(con, "samples/best_markers", {"study": "s", "target": "t", "level": "run", "codebook": "c", "k": 2})
    assert [(row[0], row[1], row[3], row[4], *row[7:]) for row in found] == [
        ("g", 1, 1.0, 0.25, 2, 2.5, 1, 1, None, [], None, None, None, None, None, None),
        ("g", 0, 0.5, 0.25, 2, 1.5, 1, 1, None, [], "a name", "[M+H]+", 1.5, 0.75, 1, 0),
    ]
    # The first spectrum is a sodium adduct of what elutes with it as the third cluster: one compound, of which the first stands
    # for both, and the name, of a protonated molecule, is wrong.
    put(con, "studies", {"name": "s"})
    for run in ("1", "2"):
        for number, mz in ((0, 300.1 + 22.989221), (3, 300.1 + 1.007276)):
            ion = {"spectrum_id": int(run) * 100 + number, "run_id": f"s/{run}", "precursor_mz": mz, "retention_time_s": 60.0}
            put(con, "spectra", ion | {"collection": "s", "ion_mode": "positive"})
            put(con, "spectrum_codewords", {"codebook": "c", "spectrum_id": ion["spectrum_id"], "codeword": number})
    con.execute("UPDATE hits SET query_id = 100")
    put(con, "hits", hit | {"query_id": 200})
    found = rows(con, "samples/best_markers", {"study": "s", "target": "t", "level": "run", "codebook": "c", "k": 3})
    assert [(row[1], *row[8:]) for row in found] == [
        (1, 2.5, 1, 1, None, [], None, None, None, None, None, None),
        (0, pytest.approx(323.089221), 2, 3, "[M+Na]+", [3], None, None, None, None, None, None),
    ]


def test_an_answer_to_a_few_spectra_of_another_precursor_names_no_marker(con):
    put(con, "studies", {"name": "s"})
    marker = {"study": "s", "target": "t", "level": "run", "codebook": "c", "group_value": "g", "spectrum_id": 500}
    put(con, "group_markers", marker | {"codeword": 0, "cliffs_delta": 1.0, "q_value": 0.01})
    put(con, "searches", {"search_id": "first", "study": "s", "library": "l", "finished": "2026-01-01"})
    put(con, "spectra", *({"spectrum_id": i, "collection": "l", "analyte_id": a} for i, a in ((51, "A"), (52, "B"))))
    put_names(con, "l", {"A": "outlier", "B": "of half"})
    # Nine spectra at one m/z and one at another, which is nearest to the centre and the only one with an answer.
    for i in range(10):
        put(con, "spectra", {"spectrum_id": 500 + i, "run_id": "s/1", "precursor_mz": 277.5 if i == 0 else 300.0 + 1e-4 * i})
        put(con, "spectrum_codewords", {"codebook": "c", "spectrum_id": 500 + i, "codeword": 0})
    hit = {"search_id": "first", "rank": 1, "library_spectrum_id": 52, "score": 0.9}
    put(con, "hits", hit | {"query_id": 500, "analyte_id": "A", "library_spectrum_id": 51})
    wanted = {"study": "s", "target": "t", "level": "run", "codebook": "c", "k": 2}
    # The m/z is the commonest, not that of the spectrum nearest to the centre.
    assert [row[8:] for row in rows(con, "samples/best_markers", wanted)] == [
        (pytest.approx(300.0001, abs=1e-9), 9, 10, None, [], None, None, None, None, None, None)
    ]
    for i in range(5):
        put(con, "hits", hit | {"query_id": 501 + i, "analyte_id": "B", "score": 0.5, "probability": 0.9 + 0.01 * (i - 2)})
    assert [row[13:] for row in rows(con, "samples/best_markers", wanted)] == [("of half", None, 0.0, 0.88, 5, 3)]


@pytest.mark.covers("queries/samples/run_parts")
def test_run_parts(con):
    wanted = {"study": "s", "by": ["ion_mode", "chromatography"]}
    assert rows(con, "samples/run_parts", wanted) == [
        ("positive, HILIC", filters("HILIC"), 1),
        ("positive, RP", filters("RP"), 2),
    ]
    assert rows(con, "samples/run_parts", {"study": "s", "by": ["dilution"]}) == []


def filters(chromatography):
    return [{"name": "ion_mode", "value": "positive"}, {"name": "chromatography", "value": chromatography}]


@pytest.mark.covers("queries/samples/cluster_quality")
def test_cluster_quality(con):
    wanted = {"study": "s", "target": "sample_group", "method": "mean", "model": "toy", "by": ["ion_mode"]}
    # The two of g are equal and h is alone: silhouettes 1, 1, 0.
    third = pytest.approx(1 / 3)
    assert rows(con, "samples/cluster_quality", wanted) == [
        ("toy", "positive", 3, 2, pytest.approx(2 / 3), pytest.approx(2 / 3), third)
    ]


@pytest.mark.covers("queries/samples/classification_metrics", "queries/samples/regression_metrics")
def test_classification_metrics_and_regression_metrics(con):
    job = {"job": "j", "method": "mean", "seed": 0}
    put(
        con,
        "sample_predictions",
        job | {"task": "classification", "estimator": "nearest", "unit_id": "s/1", "truth": "g", "predicted": "g"},
        job | {"task": "regression", "estimator": "ridge", "unit_id": "s/1", "truth_number": 2.0, "predicted_number": 5.0},
    )
    classified = rows(con, "samples/classification_metrics", {"job": "j"})
    assert classified == [("mean", "nearest", 1, 1, 1, 1.0, 1.0, 1.0, None, None, None)]
    assert rows(con, "samples/regression_metrics", {"job": "j"}) == [("mean", "ridge", 1, 1, None, 3.0, 3.0, None)]
