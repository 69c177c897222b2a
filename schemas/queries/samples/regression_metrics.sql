-- The metrics of a regression job, as the macro gives them.
-- Inputs: what the macro regression_metrics reads. Parameters: $job. Columns: those of the macro.
FROM regression_metrics($job);
