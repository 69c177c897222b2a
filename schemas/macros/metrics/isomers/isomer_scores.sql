-- Methods compared over groups of isomers, from their accuracy for each analyte (the paper's Figures 1 and 2).
--
-- Inputs: a relation with method, isomer_group, analyte and accuracy, all methods over the same analytes.
-- Parameters: accuracies: its name.
-- Columns: method, n_analytes, points (analytes for which no method is better: ties give a point to each, as in Figure
--   1a), wins (for which all others are worse), ties (points - wins), mean_accuracy (over analytes), n_groups,
--   group_points (groups in which no method has a higher mean), group_wins, mean_group_accuracy, median_group_accuracy
--   (over groups, of the mean over members), mean_worst (mean over groups of the worst member), mean_spread (mean over
--   groups of best minus worst member: 0 is balanced).
--
-- Two means are equal when they differ by less than 1e-9, so that the order of summing decides nothing.
CREATE OR REPLACE MACRO isomer_scores(accuracies) AS TABLE
WITH given AS (
    SELECT method, isomer_group, analyte, accuracy::DOUBLE AS accuracy FROM query_table(accuracies)
),
analytes_judged AS (
    SELECT
        method,
        accuracy,
        accuracy >= max(accuracy) OVER peers - 1e-9 AS is_best,
        count(*) OVER (
            PARTITION BY isomer_group, analyte ORDER BY accuracy DESC RANGE BETWEEN 1e-9 PRECEDING AND 1e-9 FOLLOWING
        )
        AS n_equal
    FROM given
    WINDOW peers AS (PARTITION BY isomer_group, analyte)
),
group_means AS (
    SELECT
        method,
        isomer_group,
        avg(accuracy) AS accuracy,
        min(accuracy) AS worst,
        max(accuracy) - min(accuracy) AS spread
    FROM given
    GROUP BY ALL
),
groups_judged AS (
    SELECT
        *,
        accuracy >= max(accuracy) OVER (PARTITION BY isomer_group) - 1e-9 AS is_best,
        count(*) OVER (
            PARTITION BY isomer_group ORDER BY accuracy DESC RANGE BETWEEN 1e-9 PRECEDING AND 1e-9 FOLLOWING
        ) AS n_equal
    FROM group_means
),
by_analyte AS (
    SELECT
        method,
        count(*) AS n_analytes,
        count(*) FILTER (is_best) AS points,
        count(*) FILTER (is_best AND n_equal = 1) AS wins,
        points - wins AS ties,
        avg(accuracy) AS mean_accuracy
    FROM analytes_judged
    GROUP BY method
),
by_group AS (
    SELECT
        method,
        count(*) AS n_groups,
        count(*) FILTER (is_best) AS group_points,
        count(*) FILTER (is_best AND n_equal = 1) AS group_wins,
        avg(accuracy) AS mean_group_accuracy,
        median(accuracy) AS median_group_accuracy,
        avg(worst) AS mean_worst,
        avg(spread) AS mean_spread
    FROM groups_judged
    GROUP BY method
)
SELECT * FROM by_analyte INNER JOIN by_group USING (method) ORDER BY points DESC, method;
COMMENT ON MACRO TABLE isomer_scores IS
    'Methods compared over groups of isomers: analytes and groups won, ties, mean accuracy, worst member, spread';
