-- The analytes that a search is surest of, each with its best spectrum.
-- Inputs: identifications. Parameters: $search; $k, how many.
-- Columns: analyte_id, name, formula, adduct, precursor_mz, score, probability, q_value, matched_peaks, ppm_error,
--   n_candidate_analytes, ambiguous, confident, query_id, native_id, library_spectrum_id, library_native_id (of the
--   best spectrum), n_spectra, n_runs (whose first answer it is). The most probable come first; without probabilities
--   those with three matched peaks or more, by score.
SELECT
    analyte_id, coalesce(analyte_name, name) AS name, formula, adduct, precursor_mz, score::DOUBLE AS score,
    probability, q_value, matched_peaks, ppm_error,
    n_candidate_analytes, ambiguous, confident, query_id, native_id, library_spectrum_id, library_native_id,
    count(*) OVER (PARTITION BY analyte_id) AS n_spectra,
    count(DISTINCT run_id) OVER (PARTITION BY analyte_id) AS n_runs
FROM identifications
WHERE search_id = $search
QUALIFY
    row_number() OVER (
        PARTITION BY analyte_id
        ORDER BY probability DESC NULLS LAST, matched_peaks >= 3 DESC, score DESC, matched_peaks DESC, query_id
    ) = 1
ORDER BY probability DESC NULLS LAST, matched_peaks >= 3 DESC, score DESC, matched_peaks DESC, analyte_id
LIMIT $k;
