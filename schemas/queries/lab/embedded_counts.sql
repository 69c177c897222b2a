-- How many spectra of each collection have a vector of a model.
-- Inputs: spectra. Parameters: $model, one that the lab has vectors of. Columns: collection, n_spectra, n_embedded.
SELECT collection, count(*) AS n_spectra, count(COLUMNS('^embedding_' || $model || '$')) AS n_embedded
FROM spectra
GROUP BY collection;
