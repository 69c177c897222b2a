-- The spectra of a relation that a search index holds. The relation is no parameter: with one, all rows would be kept before the
-- first is read.
-- Inputs: the relation named by the literal {relation}, with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode,
--   embedding FLOAT[d]).
-- Parameters: {relation}. Columns: id, analyte_id, precursor_mz, is_positive, embedding.
SELECT id, analyte_id, precursor_mz, ion_mode = 'positive' AS is_positive, embedding
FROM query_table({relation})
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL;
