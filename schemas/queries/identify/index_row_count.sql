-- How many spectra of a relation a search index holds: the rows of index_rows.
-- Inputs: a relation, given by name, with (precursor_mz DOUBLE, ion_mode, embedding). Parameters: $relation, its name.
--   Columns: n.
SELECT count(*) AS n
FROM query_table($relation)
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL;
