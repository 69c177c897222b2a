-- The classifications and regressions of a study.
-- Inputs: sample_predictions. Parameters: $study.
-- Columns: job, task, target, level, splits, group_column, n_units; in the order in which they were made.
SELECT
    job,
    task,
    any_value(target) AS target,
    any_value(level) AS level,
    any_value(splits) AS splits,
    any_value(group_column) AS group_column,
    count(DISTINCT unit_id) AS n_units
FROM sample_predictions
WHERE study = $study
GROUP BY job, task
ORDER BY max(created), job;
