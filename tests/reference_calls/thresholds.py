"""Statements for the macros about scores: thresholds, curves, comparisons of searches, probabilities."""

CALLS = {
    "calls": """
SELECT part AS run, count(*) FILTER (is_true) AS n_right, count(*) FILTER (NOT is_true) AS n_spurious
FROM calls('demo', per := 'run', truth := 'truth.parquet')
WHERE score >= 0.6
GROUP BY ALL
ORDER BY ALL
LIMIT 2""",
    "precision_recall": """
SELECT unnest(precision_recall(6, 2, 12))""",
    "threshold_sweep": """
SELECT threshold, true_positives, false_positives, round(precision, 3) AS precision, round(f1, 3) AS f1
FROM threshold_sweep('demo', step := 0.25, truth := 'truth.parquet')
ORDER BY threshold""",
    "best_threshold": """
SELECT part, threshold, true_positives, false_positives, round(f1, 3) AS f1
FROM best_threshold('demo', per := 'sample_group', truth := 'truth.parquet')
ORDER BY part""",
    "per_file": """
SELECT part, threshold, true_positives, false_positives, round(f1, 3) AS f1
FROM per_file('demo', truth := 'truth.parquet')
ORDER BY part
LIMIT 3""",
    "per_dilution": """
-- The samples of the demo are undiluted, all of them.
SELECT part, threshold, true_positives, false_positives, round(f1, 3) AS f1
FROM per_dilution('demo', truth := 'truth.parquet')""",
    "dilution_consistency": """
-- Not of dilutions, which the demo does not have, but of doses.
SELECT part, n_found, n_in_reference, n_only_here, round(share_in_reference, 2) AS share_in_reference
FROM dilution_consistency('demo', per := 'dose_mg', threshold := 0.6, truth := 'truth.parquet')
ORDER BY part""",
    "head_to_head": """
SELECT metric, n_parts, wins_a, wins_b, ties, round(mean_change, 3) AS mean_change
FROM head_to_head('cosine', 'demo', truth := 'truth.parquet')""",
    "welch_test": """
SELECT part, n_a, round(mean_a, 3) AS mean_a, round(mean_b, 3) AS mean_b, round(t, 1) AS t, round(p_greater, 3) AS p_greater
FROM welch_test('cosine', 'demo', per := 'sample_group', truth := 'truth.parquet')
ORDER BY part""",
    "welch_t": """
SELECT round(test.t, 3) AS t, round(test.df, 2) AS df, round(test.p_two_sided, 4) AS p_two_sided
FROM (SELECT welch_t(5.0, 1.0, 6, 7.0, 2.5, 6) AS test)""",
    "student_t_p_one_sided": """
SELECT round(student_t_p_one_sided(2.0, 10), 4) AS p""",
    "regularised_incomplete_beta": """
SELECT round(regularised_incomplete_beta(0.5, 2.0, 3.0), 4) AS value""",
    "overlap": """
SELECT in_a, in_b, n FROM overlap('itself', 'itself_cosine') ORDER BY ALL""",
    "roc_points": """
WITH calls(score, correct) AS (VALUES (0.9, true), (0.8, false), (0.7, true))
SELECT threshold, tpr, fpr FROM roc_points('calls') ORDER BY threshold DESC""",
    "roc_area": """
WITH calls(score, correct) AS (VALUES (0.9, true), (0.8, false), (0.7, true))
FROM roc_area('calls')""",
    "roc_curve": """
SELECT round(threshold, 2) AS threshold, true_positives, false_positives, round(tpr, 3) AS tpr, round(fpr, 3) AS fpr
FROM roc_curve('demo', truth := 'truth.parquet')
WHERE fpr <= 0.1
ORDER BY threshold
LIMIT 1""",
    "roc_auc": """
SELECT n_true, n_false, round(auc, 3) AS auc FROM roc_auc('demo', truth := 'truth.parquet')""",
    "score_distribution": """
SELECT from_score, to_score, n_true, n_false FROM score_distribution('demo', bins := 4, truth := 'truth.parquet')""",
    "score_quartiles": """
SELECT correct, n, round(q1, 2) AS q1, round(median, 2) AS median, round(q3, 2) AS q3
FROM score_quartiles('demo', truth := 'truth.parquet')""",
    "calibration_curve": """
SELECT bin, n, n_right, round(mean_probability, 2) AS mean_probability, round(share_right, 2) AS share_right
FROM calibration_curve('calibrated', bins := 5, truth := 'truth.parquet')
ORDER BY bin""",
    "calibration_error": """
SELECT n, round(mean_probability, 3) AS mean_probability, round(share_right, 3) AS share_right, round(brier, 3) AS brier
FROM calibration_error('calibrated', truth := 'truth.parquet')""",
    "false_discovery": """
SELECT estimator, level, n, n_wrong, round(observed, 3) AS observed, round(found, 2) AS found
FROM false_discovery('calibrated', levels := [0.05, 0.1, 0.2], truth := 'truth.parquet')
WHERE estimator = 'recorded'
ORDER BY level""",
    "decoy_q_values": """
WITH found AS (SELECT * FROM hits WHERE search_id = 'demo')
SELECT round(min(score), 2) AS threshold, count(*) AS n FROM decoy_q_values('found') WHERE q_value <= 0.2""",
    "probability_q_values": """
WITH found(query_id, probability) AS (VALUES (1, 0.99), (2, 0.95), (3, 0.5))
SELECT query_id, probability, round(q_value, 3) AS q_value FROM probability_q_values('found') ORDER BY query_id""",
}
