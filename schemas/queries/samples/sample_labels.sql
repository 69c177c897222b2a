-- What one column of the sample table says of each run or sample of a study.
-- Inputs: sample_labels. Parameters: $study, $level, $name. Columns: unit_id, value, number, is_control.
SELECT unit_id, value, number, is_control
FROM sample_labels
WHERE study = $study AND level = $level AND name = $name
ORDER BY unit_id;
