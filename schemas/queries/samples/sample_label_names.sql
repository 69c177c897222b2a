-- The columns of the sample table of a study.
-- Inputs: sample_labels. Parameters: $study, $level. Columns: name.
SELECT DISTINCT name FROM sample_labels WHERE study = $study AND level = $level ORDER BY name;
