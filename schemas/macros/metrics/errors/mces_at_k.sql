-- How far from the truth the first k answers of a search are, in MCES distance (edges to take away until two structures
-- are equal).
--
-- Inputs: search_truth, hits, mces.
-- Parameters: search: a search_id; at_k: how many ranks count, the nearest of them; limit_distance: the threshold under
--   which distances were computed (15 as in the paper); truth: a relation as for search_truth.
-- Columns: search_id, at_k, n_queries (known analyte), n_answered (with a candidate), n_missing (answered wrongly, but
--   a pair of structures has no distance yet), mean_distance_of_wrong (of queries whose first k are all wrong and have
--   their distances), mean_distance (of answered queries: a right answer has 0, a missing distance counts as the mean
--   of the wrong ones), mean_distance_of_all (queries without a candidate count with limit_distance).
--
-- A distance above the limit is known to be above it only: the bound stored for it differs from pair to pair, so it
-- counts as the limit. The paper does not say what a query without candidate counts in its means.
CREATE OR REPLACE MACRO mces_at_k(search, at_k := 1, limit_distance := 15, truth := 'known_analytes') AS TABLE
WITH judged AS (
    SELECT query_id, analyte_id, n_candidate_analytes, coalesce(rank_of_truth <= at_k, false) AS right_answer
    FROM search_truth(search, truth := truth)
),
pairs AS (
    SELECT
        judged.query_id,
        least(judged.analyte_id, hits.analyte_id) AS analyte_a,
        greatest(judged.analyte_id, hits.analyte_id) AS analyte_b
    FROM judged
    INNER JOIN hits ON hits.query_id = judged.query_id
    WHERE hits.search_id = search AND hits.rank <= at_k AND NOT judged.right_answer
),
distances AS (
    SELECT analyte_a, analyte_b, min(least(distance, limit_distance)) AS distance
    FROM mces
    WHERE threshold = limit_distance
    GROUP BY ALL
),
nearest AS (
    SELECT
        pairs.query_id,
        CASE WHEN bool_and(distances.distance IS NOT NULL) THEN min(distances.distance) END AS distance
    FROM pairs
    LEFT JOIN distances USING (analyte_a, analyte_b)
    GROUP BY pairs.query_id
),
answers AS (
    SELECT
        right_answer,
        right_answer OR nearest.query_id IS NOT NULL AS answered,
        CASE WHEN right_answer THEN 0 ELSE nearest.distance END AS distance
    FROM judged
    LEFT JOIN nearest USING (query_id)
)
SELECT
    search AS search_id,
    at_k AS at_k,
    count(*) AS n_queries,
    count(*) FILTER (answered) AS n_answered,
    count(*) FILTER (answered AND distance IS NULL) AS n_missing,
    avg(distance) FILTER (answered AND NOT right_answer) AS mean_distance_of_wrong,
    avg(coalesce(distance, typical)) FILTER (answered) AS mean_distance,
    avg(CASE WHEN answered THEN coalesce(distance, typical) ELSE limit_distance END) AS mean_distance_of_all
FROM answers
CROSS JOIN (SELECT avg(distance) AS typical FROM answers WHERE NOT right_answer);
COMMENT ON MACRO TABLE mces_at_k IS
    'Mean MCES distance between the truth and the nearest of the first k answers of a search';
