-- The samples of a study by type and group, and what a search found in their runs.
-- Inputs: runs, samples, identifications. Parameters: $study; $search (NULL: none).
-- Columns: sample_type, sample_group, n_samples, n_runs, n_spectra, median_identified (answered spectra of a run; NULL without a search),
--   median_analytes (different first answers of a run).
WITH found AS (
    SELECT run_id, count(*) AS n_identified, count(DISTINCT analyte_id) AS n_analytes
    FROM identifications
    WHERE search_id = $search
    GROUP BY run_id
)
SELECT
    samples.sample_type,
    samples.sample_group,
    count(DISTINCT runs.sample_id) AS n_samples,
    count(*) AS n_runs,
    sum(runs.n_spectra)::BIGINT AS n_spectra,
    CASE WHEN $search IS NOT NULL THEN median(coalesce(found.n_identified, 0)) END AS median_identified,
    CASE WHEN $search IS NOT NULL THEN median(coalesce(found.n_analytes, 0)) END AS median_analytes
FROM runs
LEFT JOIN samples ON samples.sample_id = runs.sample_id
LEFT JOIN found ON found.run_id = runs.run_id
WHERE runs.collection = $study
GROUP BY samples.sample_type, samples.sample_group
ORDER BY samples.sample_type NULLS LAST, samples.sample_group NULLS LAST;
