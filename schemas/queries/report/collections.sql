-- The libraries and studies of a lab, with what they hold.
-- Inputs: libraries, studies, runs, samples. Parameters: none.
-- Columns: kind (library or study), name, n_spectra, n_analytes, n_duplicates, n_runs, n_samples (NULL: a library),
--   origin, licence.
WITH collections AS (
    SELECT 'library' AS kind, name, n_spectra, n_analytes, n_duplicates, origin, licence FROM libraries
    UNION ALL
    SELECT 'study', name, n_spectra, n_analytes, n_duplicates, origin, licence FROM studies
)
SELECT
    c.kind,
    c.name,
    c.n_spectra,
    c.n_analytes,
    c.n_duplicates,
    CASE WHEN c.kind = 'study' THEN (SELECT count(*) FROM runs WHERE runs.collection = c.name) END AS n_runs,
    CASE WHEN c.kind = 'study' THEN (SELECT count(*) FROM samples WHERE samples.study = c.name) END AS n_samples,
    c.origin,
    c.licence
FROM collections AS c
ORDER BY c.kind, c.name;
