-- The metrics of isomers as ratios of sums over groups: value = sum(numerator) / sum(denominator), so that groups can
-- be drawn again for confidence intervals.
-- Inputs: isomer_accuracies, a relation with method and the columns of queries/isomers/members. Parameters: none.
-- Columns: method, metric, isomer_group, numerator, denominator, n (analytes, or 1 for the group).
--
-- mean_accuracy is the mean over analytes; over groups: group_accuracy (mean over members), worst_member, spread (best
-- minus worst).
WITH groups AS (
    SELECT
        method,
        isomer_group,
        count(*) AS n,
        sum(accuracy) AS total,
        min(accuracy) AS worst,
        max(accuracy) AS best
    FROM isomer_accuracies
    GROUP BY ALL
)
SELECT method, 'mean_accuracy' AS metric, isomer_group, total AS numerator, n::DOUBLE AS denominator, n FROM groups
UNION ALL
SELECT method, 'group_accuracy', isomer_group, total / n, 1, 1 FROM groups
UNION ALL
SELECT method, 'worst_member', isomer_group, worst, 1, 1 FROM groups
UNION ALL
SELECT method, 'spread', isomer_group, best - worst, 1, 1 FROM groups
ORDER BY ALL;
