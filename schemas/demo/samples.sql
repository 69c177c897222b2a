-- What each sample gave: spectra, how many were answered, and how many confidently.
--
-- Inputs: sample_summary. Parameters: none. Columns: as selected.
SELECT sample, sample_group, n_spectra, n_answered, n_confident, n_analytes, round(median_score, 3) AS median_score
FROM sample_summary
WHERE search_id = 'demo'
ORDER BY sample;
