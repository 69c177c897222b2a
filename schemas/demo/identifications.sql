-- What the spectra of one sample were identified as, in the order of their retention times.
--
-- Inputs: identifications. Parameters: none. Columns: as selected; score_gap is the lead over the next analyte, NULL
--   without one.
SELECT
    retention_time_s,
    precursor_mz,
    name,
    formula,
    round(score, 3) AS score,
    round(score_gap, 3) AS score_gap,
    matched_peaks,
    confident
FROM identifications
WHERE search_id = 'demo' AND run_id = 'simulated_study/treated_01'
ORDER BY retention_time_s
LIMIT 10;
