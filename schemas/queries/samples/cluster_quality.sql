-- How well the run vectors of each acquisition mode separate classes, as the macro gives it.
-- Inputs: what the macro cluster_quality reads. Parameters: $study, $target, $method, $model (NULL for profiles), $by,
--   names of columns.
-- Columns: those of the macro.
FROM cluster_quality($study, $target, method := $method, model := $model::VARCHAR, parts := $by::VARCHAR[]);
