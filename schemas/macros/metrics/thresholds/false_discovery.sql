-- Estimated against observed false discovery rate: of the first hits with a q-value of at most so much, how many are
-- wrong?
--
-- Inputs: search_truth, hits, decoy_q_values, probability_q_values.
-- Parameters: search: a search_id; levels: list of q-values; truth: a relation as for search_truth;
--   least_decoys: as for decoy_q_values.
-- Columns: estimator (recorded: hits.q_value; decoys: decoy_q_values; probabilities: probability_q_values), level, n
--   (first hits with a q-value of at most level, of all queries), n_known (of them those whose analyte is known),
--   n_wrong (of those known), observed (wrong of known: the false discovery rate; NULL when none), found (right ones of
--   all answerable queries of known analyte).
CREATE OR REPLACE MACRO false_discovery(
    search, levels := [0.01, 0.05, 0.1, 0.2], truth := 'known_analytes', least_decoys := 100
) AS TABLE
WITH false_discovery_hits AS (
    SELECT query_id, rank, score, probability, q_value FROM hits WHERE search_id = search
),
false_discovery_first AS (
    SELECT * FROM false_discovery_hits WHERE rank = 1
),
estimates AS (
    SELECT 'recorded' AS estimator, query_id, q_value FROM false_discovery_first
    UNION ALL
    SELECT 'decoys', query_id, q_value FROM decoy_q_values('false_discovery_hits', least_decoys := least_decoys)
    UNION ALL
    SELECT 'probabilities', query_id, q_value FROM probability_q_values('false_discovery_first')
),
known AS (
    SELECT query_id, correct, answerable FROM search_truth(search, truth := truth)
)
SELECT
    estimator,
    level,
    count(*) FILTER (q_value <= level) AS n,
    count(known.correct) FILTER (q_value <= level) AS n_known,
    count(*) FILTER (q_value <= level AND NOT known.correct) AS n_wrong,
    n_wrong / nullif(n_known, 0) AS observed,
    count(*) FILTER (q_value <= level AND known.correct) / nullif(
        (SELECT count(*) FROM known WHERE answerable), 0
    ) AS found
FROM estimates
CROSS JOIN (SELECT unnest(levels)::DOUBLE AS level)
LEFT JOIN known ON known.query_id = estimates.query_id
GROUP BY estimator, level
HAVING count(q_value) > 0
ORDER BY list_position(['recorded', 'decoys', 'probabilities'], estimator), level;
COMMENT ON MACRO TABLE false_discovery IS
    'False discovery rate of a search, estimated and observed, at several q-values and by every estimator';
