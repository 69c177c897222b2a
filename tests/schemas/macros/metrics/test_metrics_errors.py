"""Wrong answers: how far they are from the truth in structure, and whether a better score could have avoided them."""

import pytest
from metric_lab import bare, filled, hits, rounded, search, spectrum
from table_rows import put, put_names, record, tables

from spectradb import schemas


def distance(a, b, value, *, threshold=15.0, mode=1, **more):
    return {"analyte_a": a, "analyte_b": b, "distance": value, "threshold": threshold, "mode": mode} | more


@pytest.mark.covers("macros/metrics/errors/mces_at_k")
def test_mces_at_k():
    con = filled()
    put(con, "mces", distance("A", "B", 4.0), distance("A", "Z", 19.0, mode=4), distance("A", "Z", 3.0, threshold=2.0))
    found = con.sql("FROM mces_at_k('s')")
    assert found.columns == [
        *("search_id", "at_k", "n_queries", "n_answered", "n_missing"),
        *("mean_distance_of_wrong", "mean_distance", "mean_distance_of_all"),
    ]
    # Queries 1, 5 and 7 are right: 0. Query 2: 4. Query 4: above the limit, 15. Query 8, B for Z: missing, counts as
    # (4 + 15) / 2. Query 3 has no candidate.
    assert rounded(found.fetchall()) == [("s", 1, 7, 6, 1, 9.5, 4.75, round((4 + 15 + 9.5 + 15) / 7, 6))]
    put(con, "mces", distance("B", "Z", 2.0))
    assert rounded(con.sql("FROM mces_at_k('s')").fetchall()) == [("s", 1, 7, 6, 0, 7.0, 3.5, round((4 + 15 + 2 + 15) / 7, 6))]
    # Among the first two, query 2 is right, and Z is nearer to B than to A.
    assert rounded(con.sql("FROM mces_at_k('s', at_k := 2)").fetchall()) == [
        ("s", 2, 7, 6, 0, 2.0, round(4 / 6, 6), round((4 + 15) / 7, 6))
    ]


def test_without_errors_the_distance_is_0():
    con = bare()
    put(con, "searches", search("s"))
    put(con, "spectra", spectrum("st", 1, "A", 200.0))
    put(con, "hits", *hits("s", 1, ("A", 0.5)))
    assert con.sql("FROM mces_at_k('s')").fetchall() == [("s", 1, 1, 1, 0, None, 0.0, 0.0)]


@pytest.fixture
def errors():
    """A search with one error of each kind."""
    con = bare()
    put(con, "searches", search("s"))
    analytes = [
        ("A", "Alanine", "F1"),
        ("B", "beta-alanine", "F1"),
        ("C", "other", "F2"),
        ("K", "keto form", "F1"),
        ("E", "enol form", "F1"),
        ("N", "ALANINE", "F3"),
        ("M", None, None),
    ]
    put(con, "analytes", *({"analyte_id": a, "name": name, "formula": formula} for a, name, formula in analytes))
    put_names(con, "lib", {a: name for a, name, _ in analytes if name})
    put(con, "tautomers", *({"analyte_id": a, "tautomer_id": t} for a, t in [("K", "KE"), ("E", "KE"), ("A", "A"), ("B", "B")]))
    put(con, "mces", distance("A", "B", 2.0), distance("A", "C", 17.0, mode=4), distance("E", "K", 4.0))
    put(con, "spectra", *(spectrum("lib", 100 + i, a, 200.0) for i, (a, *_) in enumerate(analytes)))
    answers = {
        1: ("A", [("B", 0.9), ("A", 0.8)]),
        2: ("A", [("C", 0.9)]),
        3: ("K", [("E", 0.9), ("K", 0.9)]),
        4: ("A", [("N", 0.6), ("B", 0.5), ("A", 0.1)]),
        5: ("M", [("A", 0.9)]),
        6: ("X", [("A", 0.9)]),  # not in the library
        7: ("A", [("A", 0.9)]),  # right
    }
    for query, (truth, ranked) in answers.items():
        put(con, "spectra", spectrum("st", query, truth, 200.0))
        put(con, "hits", *hits("s", query, *ranked))
    return con


@pytest.mark.covers("macros/metrics/errors/error_analysis")
def test_error_anatomy(errors):
    found = errors.sql("FROM error_analysis('s') ORDER BY query_id")
    assert found.columns == [
        *(
            "query_id",
            "analyte_id",
            "name",
            "top_analyte_id",
            "top_name",
            "n_candidate_analytes",
            "answerable",
            "rank_of_truth",
        ),
        *("score", "score_of_truth", "score_lead", "same_formula", "same_name", "same_tautomer", "mces_distance"),
        *("mces_class", "kind", "winnable"),
    ]
    no_truth = (None, 0.9, None, None)
    assert rounded(found.fetchall()) == [
        (1, "A", "Alanine", "B", "beta-alanine", 2, True, 2, 0.9, 0.8, 0.1, True, False, False, 2.0, "1-2", "isomer", True),
        (2, "A", "Alanine", "C", "other", 1, True, *no_truth, False, False, None, 17.0, "15+", "other formula", True),
        (
            3,
            "K",
            "keto form",
            "E",
            "enol form",
            2,
            True,
            2,
            0.9,
            0.9,
            0.0,
            True,
            False,
            True,
            4.0,
            "3-5",
            "same tautomer",
            False,
        ),
        (4, "A", "Alanine", "N", "ALANINE", 3, True, 3, 0.6, 0.1, 0.5, False, True, None, None, None, "same name", False),
        (5, "M", None, "A", "Alanine", 1, True, *no_truth, None, None, None, None, None, "unknown", True),
        (6, "X", None, "A", "Alanine", 1, False, *no_truth, None, None, None, None, None, "not in reach", False),
    ]


@pytest.mark.covers("macros/metrics/errors/error_summary")
def test_error_summary(errors):
    put(errors, "spectra", spectrum("st", 8, "A", 200.0))
    put(errors, "hits", *hits("s", 8, ("B", 0.5), ("A", 0.2)))
    found = errors.sql("FROM error_summary('s')")
    assert found.columns == ["kind", "winnable", "n", "share", "share_of_answerable", "n_second", "median_lead", "mean_mces"]
    seventh, sixth = round(1 / 7, 6), round(1 / 6, 6)
    assert rounded(found.fetchall()) == [
        ("isomer", True, 2, round(2 / 7, 6), round(2 / 6, 6), 2, 0.2, 2.0),
        ("not in reach", False, 1, seventh, None, 0, None, None),
        ("other formula", True, 1, seventh, sixth, 0, None, 17.0),
        ("same name", False, 1, seventh, sixth, 0, 0.5, None),
        ("same tautomer", False, 1, seventh, sixth, 1, 0.0, 4.0),
        ("unknown", True, 1, seventh, sixth, 0, None, None),
    ]


@pytest.mark.parametrize(
    ("value", "label"), [(0.0, "0"), (1.0, "1-2"), (2.5, "3-5"), (5.5, "6-10"), (10.5, "11-14"), (14.5, "11-14"), (15.0, "15+")]
)
def test_classes_of_distances_have_no_gaps(errors, value, label):
    errors.execute("UPDATE mces SET distance = ?", [value])
    assert errors.sql("SELECT mces_class FROM error_analysis('s') WHERE query_id = 1").fetchall() == [(label,)]


def test_errors_are_named_as_the_library_that_was_searched_names_them(errors):
    errors.execute("UPDATE analyte_names SET name = 'L-Alanine' WHERE analyte_id IN ('A', 'N')")
    errors.execute("UPDATE analytes SET name = 'of another library'")
    put_names(errors, "another", {"B": "of another library"})
    put(errors, "analytes", {"analyte_id": "X", "name": "not in the library"})
    found = errors.sql(
        "SELECT query_id, name, top_name, same_name FROM error_analysis('s') WHERE query_id IN (1, 4, 6) ORDER BY ALL"
    )
    assert found.fetchall() == [
        (1, "L-Alanine", "beta-alanine", False),
        (4, "L-Alanine", "L-Alanine", True),
        (6, "not in the library", "L-Alanine", False),
    ]


@pytest.mark.covers("queries/retrieval/confused_pairs")
def test_confused_pairs():
    con = filled()
    con.execute("UPDATE analytes SET smiles = 'smiles of ' || analyte_id WHERE analyte_id <> 'Z'")
    ask = schemas.read("queries/retrieval/confused_pairs")
    found = con.execute(ask, {"search": "s", "at_k": 1}).fetchall()
    assert found == [("A", "B", "smiles of A", "smiles of B"), ("A", "Z", "smiles of A", None), ("B", "Z", "smiles of B", None)]
    # Query 2 is right among the first two, and no other query makes A and B meet.
    found = con.execute(ask, {"search": "s", "at_k": 2}).fetchall()
    assert [row[:2] for row in found] == [("A", "Z"), ("B", "Z")]


@pytest.mark.covers("queries/retrieval/confused_analytes")
def test_confused_analytes_are_those_of_errors_that_could_have_been_avoided():
    con = filled()
    con.execute("UPDATE analytes SET smiles = 'smiles of ' || analyte_id WHERE analyte_id <> 'B'")
    found = con.execute(schemas.read("queries/retrieval/confused_analytes"), {"search": "s"}).fetchall()
    assert found == [("A", "smiles of A"), ("B", None)]


@pytest.mark.covers("tables/analytes/mces.fill")
def test_of_two_distances_of_a_pair_the_smaller_is_published():
    con = tables("mces")
    record(con, "mces")
    rows = [("B", "C", 4.0, 15.0), ("A", "C", 9.0, 15.0), ("A", "C", 8.0, 15.0), ("A", "C", 11.0, 10.0)]
    put(con, "record_mces", *(distance(a, b, value, threshold=threshold) for a, b, value, threshold in rows))
    con.execute(schemas.read("tables/analytes/mces.fill"))
    assert con.sql("SELECT analyte_a, analyte_b, distance, threshold FROM mces").fetchall() == [
        ("A", "C", 11.0, 10.0),
        ("A", "C", 8.0, 15.0),
        ("B", "C", 4.0, 15.0),
    ]


@pytest.mark.covers("tables/analytes/tautomers.fill")
def test_an_analyte_has_one_tautomer_id():
    con = tables("tautomers")
    record(con, "tautomers")
    rows = [("B", "T", "2025.03"), ("A", "T", "2025.03"), ("A", "U", "2025.09")]
    put(con, "record_tautomers", *(dict(zip(("analyte_id", "tautomer_id", "rdkit_version"), row, strict=True)) for row in rows))
    con.execute(schemas.read("tables/analytes/tautomers.fill"))
    assert con.sql("FROM tautomers").fetchall() == [("A", "U", "2025.09"), ("B", "T", "2025.03")]


@pytest.mark.covers("macros/metrics/errors/rival_likeness", "queries/evaluation/rival_summary")
def test_rival_likeness(errors):
    # Of A two vectors, one of them of the query 1 itself; of B two, of C one, of N none; of K and E none of its ion mode.
    errors.execute("CREATE SCHEMA vectors")
    errors.execute(
        "CREATE TABLE vectors.lib__default AS SELECT id, analyte_id, ion_mode, embedding::FLOAT[2] AS embedding FROM (VALUES "
        "(1, 'A', 'positive', [0, 1]), (50, 'A', 'positive', [1, 0]), (51, 'B', 'positive', [0, 1]), "
        "(52, 'B', 'positive', [0.6, 0.8]), (53, 'C', 'positive', [1, 0]), (54, 'K', 'negative', [1, 0]), "
        "(55, 'E', 'negative', [1, 0]), (56, 'N', 'positive', NULL)) AS t(id, analyte_id, ion_mode, embedding)"
    )
    found = errors.sql("FROM rival_likeness('s', 'lib')")
    assert found.columns == ["query_id", "analyte_id", "rival_id", "correct", "likeness"]
    # 6 is not in the library, 7 had no other candidate. To 2, which is not among the library's spectra, A has both vectors.
    assert rounded(found.fetchall()) == [
        (1, "A", "B", False, 0.6),
        (2, "A", "C", False, 1.0),
        (3, "K", "E", False, None),
        (4, "A", "N", False, None),
        (5, "M", "A", False, None),
    ]
    # 3 and 4 are one compound by tautomer and by name.
    values = {"search": "s", "library": "lib", "model": "default"}
    assert errors.execute(schemas.read("queries/evaluation/rival_summary"), values).fetchall() == [(False, 5, 2, 1, 1)]
