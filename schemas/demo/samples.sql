-- What each sample gave.
--
-- Inputs: sample_summary. Parameters: none. Columns: as selected.
SELECT sample, sample_group, n_spectra, n_identified, n_analytes, round(median_score, 3) AS median_score
FROM sample_summary
WHERE search_id = 'demo'
ORDER BY sample;
