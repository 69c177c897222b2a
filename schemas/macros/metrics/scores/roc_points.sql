-- The ROC curve of scored calls: at every score, how many right and wrong calls score as much or more.
--
-- Inputs: a relation with score and correct. Parameters: scored: its name.
-- Columns: threshold (first row: infinity), true_positives, false_positives, tpr, fpr (NULL where there is no right, or
--   no wrong, call).
CREATE OR REPLACE MACRO roc_points(scored) AS TABLE
WITH counts AS (
    SELECT
        score::DOUBLE AS threshold,
        count(*) FILTER (correct) AS n_true,
        count(*) FILTER (NOT correct) AS n_false
    FROM query_table(scored)
    WHERE score IS NOT NULL AND correct IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT 'infinity'::DOUBLE, 0, 0
),
sums AS (
    SELECT
        threshold,
        (sum(n_true) OVER (ORDER BY threshold DESC))::BIGINT AS true_positives,
        (sum(n_false) OVER (ORDER BY threshold DESC))::BIGINT AS false_positives
    FROM counts
)
SELECT
    threshold,
    true_positives,
    false_positives,
    true_positives / nullif(max(true_positives) OVER (), 0) AS tpr,
    false_positives / nullif(max(false_positives) OVER (), 0) AS fpr
FROM sums
ORDER BY threshold DESC;
COMMENT ON MACRO TABLE roc_points IS
    'Internal: ROC curve of a relation with score and correct: one row per distinct score, and the origin';
