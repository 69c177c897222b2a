"""Statements for the macros that say how often, and why, a search is right or wrong."""

CALLS = {
    "known_search": """
SELECT known_search('demo') AS search_id""",
    "search_queries": """
SELECT part AS dose_mg, count(*) AS n_queries FROM search_queries('demo', per := 'dose_mg') GROUP BY ALL ORDER BY ALL""",
    "search_truth": """
SELECT rank_of_truth, count(*) AS n_queries FROM search_truth('itself') GROUP BY ALL ORDER BY ALL""",
    "top_k_accuracy": """
SELECT n_queries, n_answerable, n_correct, round(accuracy, 3) AS accuracy, round(best_possible, 3) AS best_possible
FROM top_k_accuracy('demo', at_k := 1, truth := 'truth.parquet')""",
    "top_k_accuracy_by_analyte": """
SELECT n_analytes, n_answerable, round(accuracy, 3) AS accuracy, round(best_possible, 3) AS best_possible
FROM top_k_accuracy_by_analyte('demo', truth := 'truth.parquet')""",
    "candidate_classes": """
SELECT * FROM candidate_classes() ORDER BY from_candidates LIMIT 4""",
    "accuracy_by_candidates": """
SELECT candidates, n_queries, n_correct, round(accuracy, 3) AS accuracy, round(chance, 3) AS chance
FROM accuracy_by_candidates('itself')
WHERE n_queries > 0""",
    "answerable_share": """
SELECT n_queries, n_answerable, round(per_spectrum, 3) AS per_spectrum, round(per_analyte, 3) AS per_analyte
FROM answerable_share('demo', truth := 'truth.parquet')""",
    "per_analyte": """
SELECT name, n_queries, n_answerable, n_correct, round(accuracy, 2) AS accuracy
FROM per_analyte('itself')
ORDER BY accuracy, name
LIMIT 3""",
    "share_closed": """
SELECT round(share_closed(0.96, 0.92, 1.0), 3) AS share""",
    "gap_closed": """
SELECT averaged_over, round(accuracy, 3) AS accuracy, round(baseline_accuracy, 3) AS baseline, round(share_closed, 3) AS closed
FROM gap_closed('itself', 'itself_cosine')""",
    "relative_change": """
SELECT round(relative_change(0.96, 0.92), 3) AS change""",
    "error_analysis": """
SELECT name, top_name, kind, round(score_lead, 3) AS score_lead, same_tautomer, mces_distance
FROM error_analysis('itself')
ORDER BY score_lead DESC, name
LIMIT 3""",
    "error_summary": """
SELECT kind, winnable, n, round(share, 2) AS share, round(median_lead, 3) AS median_lead, round(mean_mces, 1) AS mean_mces
FROM error_summary('itself')""",
    "mces_at_k": """
SELECT n_queries, n_missing, round(mean_distance_of_wrong, 2) AS mean_of_wrong, round(mean_distance, 3) AS mean
FROM mces_at_k('itself', at_k := 1)""",
    "isomer_groups": """
SELECT formula, name, n_spectra
FROM isomer_groups(min_analytes := 3, min_spectra := 6, in_collection := 'simulated_library')
ORDER BY formula, name
LIMIT 3""",
    "isomer_accuracy": """
SELECT formula, name, round(accuracy, 2) AS accuracy, round(group_accuracy, 2) AS group_accuracy, round(group_worst, 2) AS worst
FROM isomer_accuracy('itself', min_spectra := 3)
ORDER BY group_accuracy, formula, name
LIMIT 3""",
    "isomer_scores": """
WITH accuracies(method, isomer_group, analyte, accuracy) AS (
    VALUES ('ours', 'C6H13NO2', 'leucine', 0.8), ('ours', 'C6H13NO2', 'isoleucine', 0.6),
        ('theirs', 'C6H13NO2', 'leucine', 0.8), ('theirs', 'C6H13NO2', 'isoleucine', 0.4)
)
SELECT method, points, wins, ties, round(mean_accuracy, 2) AS mean_accuracy, group_wins, mean_worst
FROM isomer_scores('accuracies')
ORDER BY method""",
    "isomer_wins": """
SELECT method, n_analytes, points, wins, n_groups, group_wins, round(mean_worst, 2) AS mean_worst
FROM isomer_wins('itself', 'itself_cosine', min_spectra := 3)
ORDER BY method""",
    "seen_in_training": """
SELECT spectrum_seen, analyte_seen, contributor_seen, count(*) AS n_queries
FROM seen_in_training('itself')
GROUP BY ALL""",
    "instrument_resolution": """
SELECT instrument_resolution('LC-ESI-QTOF') AS qtof, instrument_resolution('LC-ESI-QQQ') AS qqq""",
    "rival_likeness": """
-- Of right and of wrong first answers: how many had a rival whose spectra in the library are nearly the same.
SELECT correct, count(*) AS n, count(*) FILTER (likeness >= 0.95) AS n_alike, round(median(likeness), 2) AS median_likeness
FROM rival_likeness('demo', 'simulated_library', truth := 'truth.parquet')
GROUP BY correct
ORDER BY correct""",
}
