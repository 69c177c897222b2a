-- The spectra of a library that a search keeps in memory, without their vectors, in the order in which it keeps them.
-- Inputs: a relation, given by name, with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode, embedding
--   FLOAT[d]).
-- Parameters: $relation, its name. Columns: id, analyte_id, precursor_mz, is_positive; by ion mode (negative first),
--   precursor_mz and id.
SELECT id, analyte_id, precursor_mz, ion_mode = 'positive' AS is_positive
FROM query_table($relation)
WHERE
    precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL
    AND analyte_id IS NOT NULL
ORDER BY is_positive, precursor_mz, id;
