-- How many spectra of each collection have a vector of a model.
-- Inputs: spectra with embedding_{model}. Parameters: {model}. Columns: collection, n_spectra, n_embedded.
SELECT collection, count(*) AS n_spectra, count(embedding_{model}) AS n_embedded
FROM spectra
GROUP BY collection;
