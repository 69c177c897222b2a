-- The results of one search in one row.
-- Inputs: identifications; what the macros top_k_accuracy and roc_auc read. Parameters: $search.
-- Columns: n_analytes (different first answers), n_ambiguous, median_score, n_probable (probability of at least one half; NULL: not
--   calibrated), n_found (q-value of at most 0.05; NULL: no q-values), n_known (queries whose analyte is known), n_answerable, top_1, top_5
--   (of the answerable), n_right, n_wrong (first answers of known queries), auc.
WITH answers AS (
    SELECT
        count(DISTINCT analyte_id) AS n_analytes,
        count(*) FILTER (ambiguous) AS n_ambiguous,
        median(score)::DOUBLE AS median_score,
        CASE WHEN count(probability) > 0 THEN count(*) FILTER (probability >= 0.5) END AS n_probable,
        CASE WHEN count(q_value) > 0 THEN count(*) FILTER (q_value <= 0.05) END AS n_found
    FROM identifications
    WHERE search_id = $search
)
SELECT
    answers.*,
    first_hits.n_queries AS n_known,
    first_hits.n_answerable,
    first_hits.accuracy AS top_1,
    first_five.accuracy AS top_5,
    area.n_true AS n_right,
    area.n_false AS n_wrong,
    area.auc
FROM answers
CROSS JOIN top_k_accuracy($search, at_k := 1) AS first_hits
CROSS JOIN top_k_accuracy($search, at_k := 5) AS first_five
CROSS JOIN roc_auc($search) AS area;
