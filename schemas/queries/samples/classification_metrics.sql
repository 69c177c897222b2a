-- The metrics of a classification job, as the macro gives them.
-- Inputs: what the macro classification_metrics reads. Parameters: $job. Columns: those of the macro.
FROM classification_metrics($job);
