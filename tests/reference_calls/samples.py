"""Statements for the macros about samples."""

CALLS = {
    "sample_embedding": """
-- How similar the first run is to others, as a whole.
WITH runs_as_vectors AS (FROM sample_embedding('simulated_study'))
SELECT b.unit_id, b.n_spectra, round(list_inner_product(a.embedding, b.embedding), 3) AS similarity
FROM runs_as_vectors AS a
JOIN runs_as_vectors AS b ON a.unit_id = 'simulated_study/control_01' AND b.unit_id != a.unit_id
ORDER BY similarity DESC, b.unit_id
LIMIT 3""",
    "peak_profile": """
SELECT unit_id, n_spectra, len(embedding) AS n_bins, round(list_max(embedding), 1) AS highest
FROM peak_profile('simulated_study', bin_width := 1.0, max_mz := 500.0)
ORDER BY unit_id
LIMIT 2""",
    "precursor_profile": """
SELECT unit_id, n_spectra, len(embedding) AS n_bins, list_max(embedding) AS highest
FROM precursor_profile('simulated_study', bins := 600)
ORDER BY unit_id
LIMIT 2""",
    "memo_words": """
-- Simulated spectra have few peaks: two are asked of each here, not ten.
SELECT word, count(*) AS n_runs, sum(n)::BIGINT AS n
FROM memo_words('simulated_study', min_peaks := 2)
GROUP BY word
ORDER BY n DESC, word
LIMIT 3""",
    "memo": """
SELECT unit_id, n_spectra, len(embedding) AS n_words, list_max(embedding) AS highest
FROM memo('simulated_study', min_peaks := 2, max_words := 500)
ORDER BY unit_id
LIMIT 2""",
    "nearest_codeword": """
SELECT codeword, count(*) AS n_spectra, round(avg(similarity), 2) AS mean_similarity
FROM nearest_codeword('simulated_study', 'simulated_study-binned-19')
GROUP BY codeword
ORDER BY n_spectra DESC, codeword
LIMIT 3""",
    "codebook_histogram": """
SELECT unit_id, n_spectra, len(embedding) AS n_codewords, round(list_max(embedding), 2) AS highest
FROM codebook_histogram('simulated_study', 'simulated_study-binned-19')
ORDER BY unit_id
LIMIT 2""",
    "blank_spectra": """
-- The demo has no blanks, so nothing is background.
SELECT count(*) AS n_spectra FROM blank_spectra('simulated_study')""",
    "adduct_pairs": """
-- The demo's ions are all protonated or deprotonated: none is another adduct of one that elutes with it.
SELECT adduct, partner_adduct, count(*) AS n_pairs
FROM adduct_pairs(study := 'simulated_study')
GROUP BY adduct, partner_adduct
ORDER BY n_pairs DESC, adduct, partner_adduct
LIMIT 3""",
    "cluster_quality": """
SELECT part, n, n_classes, round(silhouette, 3) AS silhouette, purity, round(expected_purity, 3) AS expected_purity
FROM cluster_quality('simulated_study', 'sample_group')""",
    "classification_metrics": """
SELECT method, estimator, n_seeds, n_predictions, round(accuracy, 2) AS accuracy, round(auc, 2) AS auc
FROM classification_metrics('groups')
ORDER BY auc DESC""",
    "confusion_matrix": """
SELECT truth, predicted, round(n, 1) AS n, round(share, 2) AS share
FROM confusion_matrix('groups', method := 'mean')
ORDER BY ALL""",
    "as_number": """
SELECT as_number('2.5') AS number, as_number('25_25') AS no_number""",
    "regression_metrics": """
SELECT method, estimator, n_predictions, round(r2, 2) AS r2, round(mae, 1) AS mae_mg FROM regression_metrics('dose')""",
    "run_summary": """
SELECT sample, n_spectra, n_answered, n_confident, n_analytes
FROM run_summary(search := 'demo')
ORDER BY sample
LIMIT 3""",
    "marker_answers": """
-- What most spectra of the clearest markers were answered with; a name is what at least half of them share.
SELECT group_value, codeword, round(log2_fold, 1) AS log2_fold, name, n_spectra, n_cluster, names_cluster, n_confident
FROM marker_answers(search := 'demo')
WHERE place = 1 AND cliffs_delta > 0
ORDER BY q_value, group_value, codeword
LIMIT 4""",
    "marker_spectra": """
-- What is in the cluster that the treated group has most in excess?
WITH marker AS (
    SELECT codeword FROM group_markers WHERE group_value = 'treated' AND target = 'sample_group'
    ORDER BY cliffs_delta DESC, codeword LIMIT 1
)
SELECT run_id, round(precursor_mz, 3) AS precursor_mz, round(similarity, 2) AS similarity, name
FROM marker_spectra('simulated_study-binned-19', (SELECT codeword FROM marker), k := 3)""",
}
