-- The samples of a study by type and group, and what a search said of their runs.
-- Inputs: runs, samples, run_summary. Parameters: $study; $search (NULL: none).
-- Columns: sample_type, sample_group, n_samples, n_runs, n_spectra, median_answered (answered spectra of a run; NULL
--   without a search), median_confident (of these the confident; NULL also where the rule cannot be applied to the
--   search), median_analytes (different confident answers of a run).
WITH found AS (
    SELECT run_id, n_answered, n_confident, n_analytes FROM run_summary($search) WHERE $search IS NOT NULL
)
SELECT
    samples.sample_type,
    samples.sample_group,
    count(DISTINCT runs.sample_id) AS n_samples,
    count(*) AS n_runs,
    sum(runs.n_spectra)::BIGINT AS n_spectra,
    median(found.n_answered) AS median_answered,
    median(found.n_confident) AS median_confident,
    median(found.n_analytes) AS median_analytes
FROM runs
LEFT JOIN samples ON samples.sample_id = runs.sample_id
LEFT JOIN found ON found.run_id = runs.run_id
WHERE runs.collection = $study
GROUP BY samples.sample_type, samples.sample_group
ORDER BY samples.sample_type NULLS LAST, samples.sample_group NULLS LAST;
