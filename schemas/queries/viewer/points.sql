-- The runs or samples of a study in the plane, by its projections.
-- Inputs: projection_points. Parameters: $study.
-- Columns: level (run or sample), projection, method, unit_id, name, sample_type, sample_group, x, y.
SELECT level, projection, method, unit_id, name, sample_type, sample_group, x, y
FROM projection_points
WHERE study = $study
ORDER BY level, projection, method, name, unit_id;
