-- The contributors of one collection.
-- Inputs: spectra. Parameters: $collection. Columns: contributor, by name.
SELECT DISTINCT contributor
FROM spectra
WHERE collection = $collection AND contributor IS NOT NULL
ORDER BY contributor;
