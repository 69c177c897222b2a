-- The results of one search in one row, in three words: answered, confident by the rule of the view confident_rule, and
-- right by what the queries are known to be.
-- Inputs: searches, identifications; roc_area; what the macro search_truth reads. Parameters: $search.
-- Columns: n_queries, n_answered, n_analytes (different first answers), n_ambiguous, median_score, n_confident,
--   n_confident_analytes (NULL: the rule cannot be applied to the search), n_found (q-value of at most 0.05; NULL: no
--   q-values); of the queries whose analyte is known n_known, n_known_answered, n_right (of these answers),
--   n_known_confident, n_confident_right, n_answerable (the right analyte is within reach), top_1, top_5 (of the
--   answerable); auc.
WITH answers AS (
    SELECT
        count(*) AS n_answers,
        count(DISTINCT analyte_id) AS n_analytes,
        count(*) FILTER (ambiguous) AS n_ambiguous,
        median(score)::DOUBLE AS median_score,
        CASE WHEN count(*) = count(confident) THEN count(*) FILTER (confident) END AS n_confident,
        CASE
            WHEN count(*) = count(confident) THEN count(DISTINCT analyte_id) FILTER (confident)
        END AS n_confident_analytes,
        CASE WHEN count(q_value) > 0 THEN count(*) FILTER (q_value <= 0.05) END AS n_found
    FROM identifications
    WHERE search_id = $search
),
known AS (
    SELECT * FROM search_truth($search, must_know := false)
),
first_hits AS (
    SELECT score, correct FROM known WHERE score IS NOT NULL
),
judged AS (
    SELECT
        count(*) AS n_known,
        count(found.query_id) AS n_known_answered,
        count(*) FILTER (truth.correct) AS n_right,
        count(*) FILTER (found.confident) AS n_known_confident,
        count(*) FILTER (found.confident AND truth.correct) AS n_confident_right,
        count(*) FILTER (truth.answerable) AS n_answerable,
        count(*) FILTER (truth.rank_of_truth <= 1) / nullif(count(*) FILTER (truth.answerable), 0) AS top_1,
        count(*) FILTER (truth.rank_of_truth <= 5) / nullif(count(*) FILTER (truth.answerable), 0) AS top_5
    FROM known AS truth
    LEFT JOIN identifications AS found ON found.search_id = $search AND found.query_id = truth.query_id
)
SELECT
    searches.n_queries,
    searches.n_answered,
    answers.* EXCLUDE (n_answers),
    judged.*,
    area.auc
FROM searches
CROSS JOIN answers
CROSS JOIN judged
CROSS JOIN roc_area('first_hits') AS area
WHERE searches.search_id = $search;
