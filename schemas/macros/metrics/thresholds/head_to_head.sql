-- Two searches part by part (the paper's Table 4 and Figure 12): for each metric, in how many parts is either ahead?
--
-- Inputs: best_threshold, relative_change.
-- Parameters: search_a, search_b: search_ids; the others as for threshold_sweep, each part at its own best threshold.
-- Columns: metric (true_positives, false_positives, precision, recall, f1), n_parts (with a value of both), wins_a,
--   wins_b, ties, mean_a, mean_b, mean_change (mean over parts of the relative change from a to b; parts where a is 0
--   are left out). Ahead is the higher value, of false positives the lower.
CREATE OR REPLACE MACRO head_to_head(
    search_a, search_b, unit := 'analyte', per := 'run', step := 0.01, truth := 'known_analytes'
) AS TABLE
WITH a AS (
    UNPIVOT (
        SELECT
            part,
            true_positives::DOUBLE AS true_positives,
            false_positives::DOUBLE AS false_positives,
            "precision",
            recall,
            f1
        FROM best_threshold(search_a, unit := unit, per := per, step := step, truth := truth)
    )
    ON true_positives, false_positives, "precision", recall, f1 INTO NAME metric VALUE value
),
b AS (
    UNPIVOT (
        SELECT
            part,
            true_positives::DOUBLE AS true_positives,
            false_positives::DOUBLE AS false_positives,
            "precision",
            recall,
            f1
        FROM best_threshold(search_b, unit := unit, per := per, step := step, truth := truth)
    )
    ON true_positives, false_positives, "precision", recall, f1 INTO NAME metric VALUE value
),
pairs AS (
    SELECT
        metric,
        a.value AS value_a,
        b.value AS value_b,
        CASE metric WHEN 'false_positives' THEN -1 ELSE 1 END AS better
    FROM a
    INNER JOIN b USING (part, metric)
)
SELECT
    metric,
    count(*) AS n_parts,
    count(*) FILTER (better * value_a > better * value_b) AS wins_a,
    count(*) FILTER (better * value_b > better * value_a) AS wins_b,
    count(*) FILTER (value_a = value_b) AS ties,
    avg(value_a) AS mean_a,
    avg(value_b) AS mean_b,
    avg(relative_change(value_b, value_a)) AS mean_change
FROM pairs
GROUP BY metric
ORDER BY list_position(['true_positives', 'false_positives', 'precision', 'recall', 'f1'], metric);
COMMENT ON MACRO TABLE head_to_head IS
    'In how many runs, or other parts of a study, each of two searches is ahead, metric by metric';
