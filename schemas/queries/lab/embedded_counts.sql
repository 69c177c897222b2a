-- How many spectra of each collection have a vector of a model. Those without one are counted: statistics tell where
-- there are none, so that no vector is read.
-- Inputs: spectra. Parameters: $model, one that the lab has vectors of. Columns: collection, n_spectra, n_embedded.
WITH missing AS (
    SELECT collection, count(*) AS n_missing
    FROM spectra
    WHERE COLUMNS('^embedding_' || $model || '$') IS NULL
    GROUP BY collection
)

SELECT collection, count(*) AS n_spectra, count(*) - coalesce(any_value(n_missing), 0) AS n_embedded
FROM spectra
LEFT JOIN missing USING (collection)
GROUP BY collection;
