-- The comparisons of groups by markers of a study.
-- Inputs: group_markers. Parameters: $study.
-- Columns: target, group_value, level, codebook, n_group, n_others, n_clusters, n_found (clusters commoner in the
--   group, q-value of at most 0.05). A condition gives one comparison, of those who meet it.
SELECT
    target,
    group_value,
    level,
    codebook,
    any_value(n_group) AS n_group,
    any_value(n_others) AS n_others,
    count(*) AS n_clusters,
    count(*) FILTER (q_value <= 0.05 AND cliffs_delta > 0) AS n_found
FROM group_markers
WHERE study = $study AND NOT (regexp_matches(target, '[<>=]') AND group_value = 'no')
GROUP BY target, group_value, level, codebook
ORDER BY max(created), target, group_value;
