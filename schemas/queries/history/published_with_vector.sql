-- The spectra of a collection that have a vector of a model as they are published: what searches by it compare.
-- Inputs: spectra. Parameters: {model}; $collection. Columns: spectrum_id.
SELECT spectrum_id
FROM spectra
WHERE collection = $collection AND embedding_{model} IS NOT NULL; -- noqa: LT01
