-- The recorded vectors of the runs or samples of a study by one kind of aggregation.
-- Inputs: a relation, given by name, with the columns of sample_embeddings. Parameters: $relation, its name; $study,
--   $method, $model (NULL for profiles), $level, $blanks_subtracted.
-- Columns: unit_id, embedding.
SELECT unit_id, embedding
FROM query_table($relation)
WHERE
    study = $study
    AND method = $method
    AND model IS NOT DISTINCT FROM $model::VARCHAR
    AND level = $level
    AND blanks_subtracted = $blanks_subtracted
ORDER BY unit_id;
