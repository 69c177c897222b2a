"""Statements for the macros that find contradictions, and what changes between searches."""

CALLS = {
    "contradicting_pairs": """
SELECT count(*) AS n_pairs, count(*) FILTER (same_formula) AS n_isomers
FROM contradicting_pairs('simulated_library', 'simulated_library', min_score := 0.7)""",
    "library_agreement": """
SELECT name, n_spectra, n_rivalled, n_agreeing, round(agreement, 2) AS agreement, rival_name
FROM library_agreement('simulated_library', left_out := 'contributor')
LIMIT 3""",
    "annotation_diff": """
-- The oldest and the newest search of the study.
WITH searched AS (
    SELECT list(search_id ORDER BY finished) AS names FROM searches WHERE study = 'simulated_study'
)
SELECT change, why, count(*) AS n_queries
FROM annotation_diff((SELECT names[1] FROM searched), (SELECT names[-1] FROM searched))
GROUP BY change, why
ORDER BY change, why""",
}
