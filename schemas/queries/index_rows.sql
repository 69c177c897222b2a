-- The spectra of a relation that a search index holds, without their vectors.
-- Inputs: the relation named by $relation, with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d]).
-- Parameters: $relation. Columns: id, analyte_id, precursor_mz, ion_mode.
SELECT id, analyte_id, precursor_mz, ion_mode::VARCHAR AS ion_mode
FROM query_table($relation)
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL;
