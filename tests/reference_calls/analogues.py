"""Statements for the macros about analogues."""

_ANSWERS = """
WITH answers(method, ion_mode, query_id, query_analyte_id, rank, tanimoto_morgan, tanimoto_rdkit, mces) AS (
    VALUES ('binned', 'positive', 1, 'A', 1, 0.3, 0.5, 4.0), ('binned', 'positive', 1, 'A', 2, 0.6, 0.7, 2.0)
)"""

CALLS = {
    "analogues": """
SELECT rank, name, round(score, 2) AS score, round(expected_tanimoto, 2) AS expected_tanimoto
FROM analogues('analogues')
WHERE query_id = (SELECT min(query_id) FROM hits WHERE search_id = 'analogues')
ORDER BY rank""",
    "structure_hints": """
WITH asked AS (
    FROM vectors.simulated_study__spectradb_analogue
    WHERE id = (SELECT min(query_id) FROM hits WHERE search_id = 'analogues')
)
SELECT count(*) AS n_hints, min(rank) AS first, max(hint) <= 1 AS in_range FROM structure_hints('asked', k := 2)""",
    "expected_tanimoto": """
SELECT round(expected_tanimoto('spectradb_analogue', 'positive', 1, 0.6), 2) AS of_the_first,
    round(expected_tanimoto('spectradb_analogue', 'positive', 2, 0.6), 2) AS of_the_second""",
    "expected_curves": """
SELECT method, model, ion_mode, is_first, count(*) AS n_pieces FROM expected_curves() GROUP BY ALL ORDER BY ALL""",
    "analogue_points": """
SELECT ion_mode, is_first, count(*) AS n_points, round(max(tanimoto), 2) AS highest
FROM analogue_points()
GROUP BY ALL
ORDER BY ALL""",
    "analogue_terms": f"""{_ANSWERS}
SELECT query_analyte_id, n_queries, first_morgan, best_morgan, share_half FROM analogue_terms('answers')""",
    "analogue_accuracy": f"""{_ANSWERS}
SELECT method, n_analytes, first_morgan, first_rdkit, best_morgan, first_mces FROM analogue_accuracy('answers')""",
}
