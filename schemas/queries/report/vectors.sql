-- The sample vectors of a study by kind.
-- Inputs: sample_embeddings. Parameters: $study.
-- Columns: method, model, level, blanks_subtracted, n_units, n_spectra, dimension.
SELECT
    method,
    model,
    level,
    blanks_subtracted,
    count(*) AS n_units,
    sum(n_spectra)::BIGINT AS n_spectra,
    any_value(dimension) AS dimension
FROM sample_embeddings
WHERE study = $study
GROUP BY method, model, level, blanks_subtracted
ORDER BY level, blanks_subtracted, method, model;
