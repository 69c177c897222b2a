-- The spectra of a relation that a search index holds.
-- Inputs: a relation, given by name, with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode, embedding
--   FLOAT[d]).
-- Parameters: $relation, its name. Columns: id, analyte_id, precursor_mz, is_positive, embedding.
SELECT id, analyte_id, precursor_mz, ion_mode = 'positive' AS is_positive, embedding
FROM query_table($relation)
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL;
