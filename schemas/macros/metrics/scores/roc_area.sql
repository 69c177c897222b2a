-- The area under the ROC curve of scored calls: the probability that a right call scores above a wrong one, ties
-- counting half.
--
-- Inputs: a relation with score and correct. Parameters: scored: its name.
-- Columns: n_true, n_false, auc (NULL where there is no right, or no wrong, call).
CREATE OR REPLACE MACRO roc_area(scored) AS TABLE
WITH counts AS (
    SELECT score, count(*) FILTER (correct) AS n_true, count(*) FILTER (NOT correct) AS n_false
    FROM query_table(scored)
    WHERE score IS NOT NULL AND correct IS NOT NULL
    GROUP BY score
),
below AS (
    SELECT
        n_true,
        n_false,
        coalesce(
            sum(n_false) OVER (ORDER BY score ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0
        ) AS n_false_below
    FROM counts
)
SELECT
    coalesce(sum(n_true), 0)::BIGINT AS n_true,
    coalesce(sum(n_false), 0)::BIGINT AS n_false,
    sum(n_true * (2 * n_false_below + n_false)) / nullif(2 * sum(n_true) * sum(n_false), 0) AS auc
FROM below;
COMMENT ON MACRO TABLE roc_area IS 'Area under the ROC curve of a relation with score and correct';
