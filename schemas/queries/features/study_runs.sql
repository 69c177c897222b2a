-- The runs of a study.
-- Inputs: runs. Parameters: $study. Columns: name.
SELECT name FROM runs WHERE collection = $study ORDER BY name;
