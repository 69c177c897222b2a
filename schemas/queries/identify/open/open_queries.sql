-- The vectors of a study that an open search compares, in the order of their ids.
-- Inputs: vectors.<study>__<model>. Parameters: $study, $model, $contributors (NULL: all) and $query_range, the first
-- and the last id (NULL: all queries). Columns: id, precursor_mz, ion_mode, embedding.
SELECT id, precursor_mz, ion_mode::VARCHAR AS ion_mode, embedding
FROM embedded_queries(
    $study, model := $model, contributors := $contributors::VARCHAR[], query_range := $query_range::BIGINT[]
)
WHERE precursor_mz > 0
ORDER BY id;
