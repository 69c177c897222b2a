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
-- The two newest searches of the study.
WITH newest AS (
    SELECT list(search_id ORDER BY finished DESC, search_id)[1:2] AS names FROM searches WHERE study = 'simulated_study'
)
SELECT change, why, count(*) AS n_queries
FROM annotation_diff((SELECT names[-1] FROM newest), (SELECT names[1] FROM newest))
GROUP BY change, why
ORDER BY change, why""",
}
