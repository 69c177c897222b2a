-- The hits of an earlier search that hold for a new one: those of queries that are still compared and not affected.
-- Inputs: hits, study_now (as spectra_now of changed_spectra), affected (spectrum_id). Parameters: $search_id (the new
--   search), $earlier. Columns: those of hits up to score_gap.
SELECT
    $search_id AS search_id, query_id, rank, analyte_id, library_spectrum_id, score, matched_peaks, ppm_error,
    n_candidate_analytes, score_gap
FROM hits
WHERE search_id = $earlier
    AND query_id IN (SELECT spectrum_id FROM study_now WHERE is_compared)
    AND query_id NOT IN (SELECT spectrum_id FROM affected)
ORDER BY query_id, rank;
