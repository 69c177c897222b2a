-- The runs of the study of a search, and what it found in them.
-- Inputs: run_summary, runs. Parameters: $search.
-- Columns: run_id, run (its name), sample, sample_type, sample_group, n_spectra, n_answered, n_confident, n_analytes,
--   median_score; NULL where not told, or where the rule of confident answers cannot be applied to the search.
SELECT
    found.run_id,
    runs.name AS run,
    found.sample,
    found.sample_type,
    found.sample_group,
    found.n_spectra,
    found.n_answered,
    found.n_confident,
    found.n_analytes,
    found.median_score
FROM run_summary($search) AS found
INNER JOIN runs ON runs.run_id = found.run_id
ORDER BY runs.name, found.run_id;
