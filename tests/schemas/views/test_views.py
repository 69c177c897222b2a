"""The views' rows in the tiny lab, and over hand-made tables where the tiny lab has no such case."""

import pytest
from table_rows import put, put_names, tables, whole_lab
from tiny_lab import CAFFEINE, CITRIC_ACID, ISOLEUCINE, LEUCINE, PALMITIC_ACID, SALICYLIC_ACID

from spectradb import schemas
from spectradb.report.confident_rule import DEFAULT_RULE, read_rule


@pytest.mark.covers("views/answers/identifications")
def test_identifications(tiny_lab):
    found = tiny_lab.sql("FROM identifications")
    assert found.columns == [
        *("search_id", "study", "library", "method", "model", "query_id", "native_id", "run_id", "sample_id", "precursor_mz"),
        "ion_mode",
        *(
            "retention_time_s",
            "analyte_id",
            "name",
            "analyte_name",
            "formula",
            "smiles",
            "inchikey",
            "adduct",
            "query_adduct",
            "score",
            "matched_peaks",
            "ppm_error",
        ),
        *(
            "n_candidate_analytes",
            "score_gap",
            "ambiguous",
            "probability",
            "q_value",
            "confident",
            "library_spectrum_id",
            "library_native_id",
            "library_precursor_mz",
            "precursor_source",
            "cluster_id",
        ),
    ]
    rows = tiny_lab.sql(
        "SELECT native_id, sample_id, precursor_mz, ion_mode, retention_time_s, analyte_id, name, formula, adduct, "
        "matched_peaks, n_candidate_analytes, ambiguous, library_native_id FROM identifications ORDER BY native_id"
    ).fetchall()
    # Each is named by the record it matched: the enantiomers are one analyte, not one record.
    l_leucine, d_leucine = ((LEUCINE, f"{form}-Leucine", "C6H13NO2", "[M+H]+") for form in "LD")
    coffee, lemon = "kitchen/coffee", "kitchen/lemon"
    assert rows == [
        ("coffee:1", coffee, 132.102, "positive", 60.0, *l_leucine, 4, 2, False, "R2"),
        ("coffee:2", coffee, 132.1019, "positive", 66.0, *d_leucine, 4, 2, False, "R1"),
        ("coffee:3", coffee, 195.0876, "positive", 180.0, CAFFEINE, "Caffeine", "C8H10N4O2", "[M+H]+", 3, 1, False, "R5"),
        ("coffee:4", coffee, 132.1021, "positive", 72.0, ISOLEUCINE, "L-Isoleucine", "C6H13NO2", "[M+H]+", 2, 2, False, "R3"),
        ("lemon:1", lemon, 191.0198, "negative", 45.0, CITRIC_ACID, "Citric acid", "C6H8O7", "[M-H]-", 3, 1, False, "R7"),
        (
            "lemon:2",
            lemon,
            137.0245,
            "negative",
            200.0,
            SALICYLIC_ACID,
            "Salicylic acid",
            "C7H6O3",
            "[M-H]-",
            1,
            1,
            False,
            "R8",
        ),
    ]
    which = tiny_lab.sql(
        "SELECT DISTINCT search_id, study, library, method, model, probability FROM identifications"
    ).fetchall()
    assert which == [("first", "kitchen", "reference", "embedding", "binned", None)]
    expected = "SELECT query_id, q_value FROM decoy_q_values('hits') ORDER BY 1"
    assert (
        tiny_lab.sql("SELECT query_id, q_value FROM identifications ORDER BY 1").fetchall() == tiny_lab.sql(expected).fetchall()
    )
    structure = tiny_lab.sql("SELECT smiles, inchikey, run_id FROM identifications WHERE native_id = 'coffee:1'").fetchall()
    assert structure == [("CC(C)C[C@H](N)C(=O)O", "ROHFNLRQFUQHCH-YFKPBYRVSA-N", "kitchen/coffee_1")]


@pytest.mark.parametrize(("gap", "ambiguous"), [(0.0, True), (0.0099, True), (0.01, False), (0.5, False), (None, False)])
def test_an_identification_is_ambiguous_where_the_next_analyte_is_close(gap, ambiguous):
    con = whole_lab()
    put(con, "searches", {"search_id": "s"})
    put(con, "spectra", {"spectrum_id": 1, "run_id": None}, {"spectrum_id": 2})
    put(
        con, "hits", {"search_id": "s", "query_id": 1, "rank": 1, "analyte_id": "A", "library_spectrum_id": 2, "score_gap": gap}
    )
    put(con, "hits", {"search_id": "s", "query_id": 1, "rank": 2, "analyte_id": "B", "library_spectrum_id": 2})
    # Neither a run nor an entry in analytes is needed.
    rows = con.execute("SELECT query_id, analyte_id, name, sample_id, ambiguous FROM identifications").fetchall()
    assert rows == [(1, "A", None, None, ambiguous)]


def test_what_is_ambiguous_by_a_calibration():
    con = whole_lab()
    put(con, "calibrations", *({"calibration_id": name, "ambiguous_gap": gap} for name, gap in (("c", 0.05), ("d", None))))
    put(con, "searches", *({"search_id": f"s{name}", "calibration_id": name} for name in ("c", "d")))
    put(con, "spectra", {"spectrum_id": 1})
    for search in ("sc", "sd"):
        for query, gap in enumerate((0.005, 0.04, 0.06, None)):
            put(con, "spectra", {"spectrum_id": 10 + query}) if search == "sc" else None
            row = {"search_id": search, "query_id": 10 + query, "rank": 1, "library_spectrum_id": 1, "score_gap": gap}
            put(con, "hits", row)
    found = con.execute(
        "SELECT search_id, list(ambiguous ORDER BY query_id) FROM identifications GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert found == [("sc", [True, True, False, False]), ("sd", [True, False, False, False])]


@pytest.mark.covers("views/samples/sample_summary")
def test_sample_summary(tiny_lab):
    found = tiny_lab.sql(
        "SELECT * REPLACE (round(median_score::DOUBLE, 3) AS median_score) FROM sample_summary ORDER BY run_id"
    )
    assert found.columns == [
        *("study", "run_id", "sample", "sample_type", "sample_group", "n_spectra"),
        *("search_id", "n_answered", "n_confident", "n_analytes", "median_score", "started"),
        *("n_features", "total_area"),
    ]
    # Nothing was calibrated, and the rule asks for a probability.
    assert found.fetchall() == [
        ("kitchen", "kitchen/coffee_1", "coffee", "sample", "drink", 4, "first", 4, None, None, 1.0, *[None] * 3),
        ("kitchen", "kitchen/lemon_1", "lemon", "sample", "fruit", 3, "first", 2, None, None, 0.919, *[None] * 3),
    ]


@pytest.mark.covers("macros/samples/run_summary", "views/answers/latest_searches", "views/answers/latest_identifications")
def test_a_run_has_one_row_in_sample_summary_by_the_newest_search_of_its_study():
    con = whole_lab()
    put(con, "studies", {"name": "k"}, {"name": "never"})
    put(con, "libraries", {"name": "lib"})
    put(con, "runs", {"run_id": "k/a", "collection": "k", "n_spectra": 2}, {"run_id": "k/b", "collection": "k", "n_spectra": 1})
    put(con, "runs", {"run_id": "never/c", "collection": "never", "n_spectra": 5})
    # As an older version of the lab has it: what a library calls a run is none.
    put(con, "runs", {"run_id": "lib/x", "collection": "lib", "n_spectra": 9})
    area = {"study": "k", "run": "a", "run_id": "k/a"}
    put(con, "feature_areas", area | {"feature_id": "1", "area": 2.5}, area | {"feature_id": "2", "area": 0.0})
    put(con, "feature_areas", area | {"feature_id": "1", "run": "z", "run_id": None, "area": 7.0})
    no_search, no_areas, areas = (None, None, None, None, None, None), (None, None), (1, 2.5)
    before = [
        ("k", "k/a", None, None, None, 2, *no_search, *areas),
        ("k", "k/b", None, None, None, 1, *no_search, *no_areas),
    ]
    never = ("never", "never/c", None, None, None, 5, *no_search, *no_areas)
    assert con.execute("FROM sample_summary ORDER BY run_id").fetchall() == [*before, never]
    of_k = {"study": "k", "library": "lib"}
    put(
        con,
        "searches",
        of_k | {"search_id": "s", "finished": "2026-01-01"},
        of_k | {"search_id": "t", "finished": "2026-01-02"},
        of_k | {"search_id": "benchmark-k", "finished": "2026-01-03"},
        of_k | {"search_id": "killed"},
        {"search_id": "calibrate-lib", "study": "lib", "library": "lib", "finished": "2026-01-04"},
    )
    put(con, "spectra", {"spectrum_id": 1, "run_id": "k/a"}, {"spectrum_id": 2, "run_id": "k/a"})
    put(con, "spectra", {"spectrum_id": 3, "run_id": "lib/x"})
    for search, query, analyte, score, probability in [
        ("s", 1, "A", 0.5, None),
        ("s", 2, "A", 0.25, None),
        ("t", 1, "B", 1.0, 0.95),
        ("t", 2, "C", 0.0, 0.01),
        ("benchmark-k", 1, "A", 1.0, 1.0),
        ("calibrate-lib", 3, "A", 1.0, 1.0),
    ]:
        hit = {"search_id": search, "query_id": query, "rank": 1, "analyte_id": analyte, "library_spectrum_id": 3}
        put(con, "hits", hit | {"score": score, "probability": probability})
    assert con.execute("SELECT search_id, is_stale FROM latest_searches").fetchall() == [("t", None)]
    put(con, "collection_states", {"collection": "k", "state": "1"}, {"collection": "lib", "state": "2"})
    for states, is_stale in ((("1", "2"), False), (("0", "2"), True), (("1", "0"), True), ((None, "0"), True)):
        con.execute("UPDATE searches SET study_state = $1, library_state = $2", states)
        assert con.execute("SELECT is_stale FROM latest_searches").fetchall() == [(is_stale,)]
    assert con.execute("SELECT search_id, query_id FROM latest_identifications ORDER BY ALL").fetchall() == [("t", 1), ("t", 2)]
    put(con, "samples", {"sample_id": "k/s", "sample_type": "blank", "sample_group": "tea"})
    con.execute("UPDATE runs SET sample_id = 'k/s' WHERE run_id = 'k/a'")
    con.execute("UPDATE spectra SET spectrum_id = 9223372036854775807 WHERE spectrum_id = 2")
    con.execute("UPDATE hits SET query_id = 9223372036854775807 WHERE query_id = 2")
    told = "SELECT sample_type, sample_group, query_id_text, library_spectrum_id_text FROM latest_identifications ORDER BY ALL"
    assert con.execute(told).fetchall() == [("blank", "tea", "1", "3"), ("blank", "tea", "9223372036854775807", "3")]
    con.execute("UPDATE runs SET sample_id = NULL")
    assert con.execute(told).fetchall() == [(None, None, "1", "3"), (None, None, "9223372036854775807", "3")]
    con.execute("DELETE FROM samples")
    by_t = [
        ("k", "k/a", None, None, None, 2, "t", 2, 1, 1, 0.5, None, *areas),
        ("k", "k/b", None, None, None, 1, "t", 0, 0, 0, None, None, *no_areas),
    ]
    assert con.execute("FROM sample_summary ORDER BY run_id").fetchall() == [*by_t, never]
    assert con.execute("FROM run_summary('s') ORDER BY run_id").fetchall() == [
        ("k", "k/a", None, None, None, 2, "s", 2, None, None, 0.375, None, *areas),
        ("k", "k/b", None, None, None, 1, "s", 0, None, None, None, None, *no_areas),
    ]
    # Where a study has none but a benchmark's, that is the newest.
    con.execute("DELETE FROM searches WHERE search_id IN ('s', 't')")
    assert con.execute("SELECT search_id FROM latest_searches").fetchall() == [("benchmark-k",)]


RULES = [
    (None, [True, False, None, None]),
    ("probability >= 0.2", [True, True, None, None]),
    ("q_value <= 0.05", [True, False, None, None]),
    ("score >= 0.5", [True, False, True, True]),
    ("score_gap >= 0.1", [True, False, True, False]),
    ("matched_peaks >= 4", [True, True, True, False]),
    ("not ambiguous", [True, False, True, False]),
    ("score >= 0.5 and matched_peaks >= 4", [True, False, True, False]),
    ("probability >= 0.2 and matched_peaks >= 4", [True, True, None, False]),
]


@pytest.mark.covers("views/answers/confident_rule")
@pytest.mark.parametrize(("rule", "confident"), RULES)
def test_an_answer_is_confident_by_a_rule_that_can_be_set(rule, confident):
    con = whole_lab()
    if rule:
        put(con, "properties", {"name": "confident_rule", "value": read_rule(rule)})
    (found,) = con.execute("SELECT rule FROM confident_rule").fetchall()
    assert found == (rule or DEFAULT_RULE,)
    put(con, "searches", {"search_id": "s"})
    put(con, "spectra", *({"spectrum_id": i} for i in range(5)))
    columns = ("probability", "q_value", "score", "score_gap", "matched_peaks")
    answers = [(0.95, 0.01, 0.9, 0.5, 6), (0.25, 0.3, 0.4, 0.001, 4), (None, None, 0.8, None, 4), (None, None, 0.5, 0.0, 3)]
    for query, answer in enumerate(answers):
        hit = {"search_id": "s", "query_id": query, "rank": 1, "library_spectrum_id": 4}
        put(con, "hits", hit | dict(zip(columns, answer, strict=True)))
    assert [c for (c,) in con.execute("SELECT confident FROM identifications ORDER BY query_id").fetchall()] == confident


def test_an_answer_by_another_adduct_than_stated_is_not_confident():
    con = whole_lab()
    put(con, "properties", {"name": "confident_rule", "value": read_rule("score >= 0.5")})
    put(con, "searches", {"search_id": "s"})
    adducts = ["[M+H]+", "[M+Na]+", None, "[M+H]+"]
    put(con, "spectra", *({"spectrum_id": i, "adduct": adduct} for i, adduct in enumerate(adducts)))
    hit = {"search_id": "s", "rank": 1, "score": 0.9, "library_spectrum_id": 3}
    put(con, "hits", *(hit | {"query_id": query} for query in range(3)))
    put(con, "hits", hit | {"query_id": 3, "library_spectrum_id": 2})
    rows = con.execute("SELECT query_adduct, adduct, confident FROM identifications ORDER BY query_id").fetchall()
    assert rows == [("[M+H]+", "[M+H]+", True), ("[M+Na]+", "[M+H]+", False), (None, "[M+H]+", True), ("[M+H]+", None, True)]


def test_every_column_of_every_view_has_a_comment_of_its_own(tiny_lab):
    bare = tiny_lab.sql(
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_views() AS v "
        "ON v.view_name = table_name AND v.database_name = duckdb_columns.database_name "
        "AND v.schema_name = duckdb_columns.schema_name "
        "WHERE v.database_name = 'lab' AND NOT v.internal AND duckdb_columns.comment IS NULL ORDER BY ALL"
    )
    assert bare.fetchall() == []
    count = tiny_lab.sql("SELECT count(*) FROM duckdb_views() WHERE database_name = 'lab' AND NOT internal AND comment IS NULL")
    assert count.fetchall() == [(0,)]


@pytest.mark.covers("views/samples/sample_metadata")
def test_sample_metadata(tiny_lab):
    found = tiny_lab.sql("FROM sample_metadata ORDER BY ALL")
    assert found.columns == ["sample_id", "study", "name", "value", "number"]
    assert found.fetchall() == [
        ("kitchen/coffee", "kitchen", "cups", "2", 2.0),
        ("kitchen/coffee", "kitchen", "roast", "dark", None),
        ("kitchen/lemon", "kitchen", "cups", "0.5", 0.5),
    ]


@pytest.mark.covers("views/lab/library_coverage")
def test_library_coverage(tiny_lab):
    found = tiny_lab.sql("FROM library_coverage ORDER BY ALL")
    assert found.columns == ["collection", "ion_mode", "instrument_type", "n_spectra", "n_analytes", "n_duplicates"]
    assert found.fetchall() == [
        ("kitchen", "negative", None, 3, 2, 0),
        ("kitchen", "positive", None, 4, 4, 0),
        ("reference", "negative", "LC-ESI-QTOF", 2, 2, 0),
        ("reference", "positive", "LC-ESI-QFT", 1, 1, 0),
        ("reference", "positive", "LC-ESI-QTOF", 6, 4, 1),
    ]


@pytest.mark.covers("views/lab/import_summary")
def test_import_summary():
    con = tables("import_log")
    con.execute(schemas.read("views/lab/import_summary"))
    for collection, file, outcome, reason, n, explanation in [
        ("lib", "a", "kept", "kept", 3, None),
        ("lib", "b", "kept", "kept", 4, None),
        ("lib", "b", "dropped", "no_peaks", 1, "Empty."),
        ("other", "a", "kept", "kept", 5, None),
    ]:
        row = {
            "collection": collection,
            "file_name": file,
            "outcome": outcome,
            "reason": reason,
            "n": n,
            "explanation": explanation,
        }
        put(con, "import_log", row)
    found = con.sql("FROM import_summary ORDER BY ALL")
    assert found.columns == ["collection", "outcome", "reason", "n", "n_files", "explanation"]
    assert found.fetchall() == [
        ("lib", "dropped", "no_peaks", 1, 1, "Empty."),
        ("lib", "kept", "kept", 7, 2, None),
        ("other", "kept", "kept", 5, 1, None),
    ]


@pytest.mark.covers("views/spectra/annotations")
def test_annotations_are_those_of_the_records():
    con = whole_lab()
    put_names(con, "lib", {"A": "commonest"})
    put_names(con, "other", {"A": "of another library"})
    put(
        con,
        "analytes",
        {"analyte_id": "A", "name": "x", "smiles": "CO", "inchikey": "A-A", "formula": "f", "monoisotopic_mass": 1},
    )
    put(con, "structures", {"structure_id": 1, "analyte_id": "A", "smiles": "C=O", "inchikey": "A-B", "formula": "g"})
    spectra = [
        (1, "lib", "A", "own", 1),
        (2, "lib", "A", None, 1),  # its library names it
        (3, "lib", "A", None, None),  # from before records kept their structure
        (4, "study", "A", None, None),  # no library names it
        (5, "study", None, "feature", None),
    ]
    columns = ("spectrum_id", "collection", "analyte_id", "name", "structure_id")
    put(con, "spectra", *({"adduct": "[M+H]+"} | dict(zip(columns, row, strict=True)) for row in spectra))
    asked = "spectrum_id, name, analyte_name, formula, smiles, inchikey, monoisotopic_mass, adduct"
    assert con.execute(f"SELECT {asked} FROM annotations ORDER BY spectrum_id").fetchall() == [
        (1, "own", "commonest", "g", "C=O", "A-B", 1.0, "[M+H]+"),
        (2, "commonest", "commonest", "g", "C=O", "A-B", 1.0, "[M+H]+"),
        (3, "commonest", "commonest", "f", "CO", "A-A", 1.0, "[M+H]+"),
        (4, None, None, "f", "CO", "A-A", 1.0, "[M+H]+"),
        (5, "feature", None, None, None, None, None, "[M+H]+"),
    ]


@pytest.mark.covers("views/spectra/spectrum_list")
def test_spectrum_list(tiny_lab):
    found = tiny_lab.sql("FROM spectrum_list")
    peaks_and_keys = {"mz", "intensity", "peaks_hash", "import_id", "first_import_id"}
    peaks_and_keys |= {"embedding_binned", "structure_id", "record_hash"}
    own = set(tiny_lab.sql("FROM spectra").columns) - peaks_and_keys
    assert set(found.columns) == own | {"name", "analyte_name", "formula"}
    rows = tiny_lab.sql(
        "SELECT native_id, run_id, precursor_mz, precursor_check, charge, adduct, collision_energy_ev, n_peaks, tic, "
        "analyte_id, name, duplicate_of IS NOT NULL FROM spectrum_list "
        "WHERE native_id IN ('R1', 'R4', 'R5', 'lemon:2', 'lemon:3') ORDER BY native_id"
    ).fetchall()
    copies = [row[-1] for row in rows if row[0] in {"R4", "R5"}]
    assert sorted(copies) == [False, True]
    assert [row[:-1] for row in rows] == [
        ("R1", None, 132.1019, "agrees", 1, "[M+H]+", 10.0, 4, 1140.0, LEUCINE, "D-Leucine"),
        ("R4", None, 195.0877, "agrees", 1, "[M+H]+", None, 3, 1800.0, CAFFEINE, "Caffeine"),
        ("R5", None, 195.0877, "agrees", 1, "[M+H]+", None, 3, 180.0, CAFFEINE, "Caffeine"),
        ("lemon:2", "kitchen/lemon_1", 137.0245, "unchecked", -1, None, None, 1, 1000.0, None, None),
        ("lemon:3", "kitchen/lemon_1", 255.233, "unchecked", -1, None, None, 1, 1000.0, PALMITIC_ACID, None),
    ]
    assert tiny_lab.sql("SELECT count(*), count(DISTINCT spectrum_id) FROM spectrum_list").fetchall() == [(16, 16)]
