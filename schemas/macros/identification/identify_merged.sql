-- Identify the spectra of a study against a library, as identify does, but an analyte counts by its best spectra
-- merged.
--
-- Inputs: vectors.<study>__<model> and vectors.<library>__<model>; spectra (for matched peaks).
-- Parameters: those of identify; spectra: most spectra of an analyte that are merged (see merged_pairs).
-- Columns: query_id, rank, analyte_id, library_spectrum_id (its best spectrum), score (of the merged spectra),
--   matched_peaks and ppm_error (of the best), n_candidate_analytes, score_gap. Ties go to the smaller analyte_id.
CREATE OR REPLACE MACRO identify_merged(
    study,
    library,
    ppm := 10.0,
    k := 10,
    model := 'default',
    fragment_tolerance_da := 0.01,
    left_out := NULL,
    contributors := NULL,
    query_range := NULL,
    query_ids := NULL,
    spectra := 8
) AS TABLE
WITH identify_queries AS (
    FROM embedded_queries(
        study, model := model, contributors := contributors, query_range := query_range, query_ids := query_ids
    )
),
identify_pairs AS (
    FROM embedding_pairs('identify_queries', 'vectors.' || library || '__' || model, ppm := ppm, left_out := left_out)
),
identify_analytes AS (
    FROM merged_pairs('identify_pairs', 'vectors.' || library || '__' || model, spectra := spectra)
)
FROM rank_hits('identify_analytes', k := k, fragment_tolerance_da := fragment_tolerance_da);
COMMENT ON MACRO TABLE identify_merged IS
    'identify with an analyte''s best spectra merged: query_id, rank, analyte_id, library_spectrum_id, score, '
    'matched_peaks, ppm_error, n_candidate_analytes, score_gap';
