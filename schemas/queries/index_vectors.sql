-- The vectors that a search index holds, in the order in which they are stored.
-- Inputs: as for index_rows. Parameters: $relation. Columns: id, embedding.
SELECT id, embedding
FROM query_table($relation)
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative') AND embedding IS NOT NULL;
