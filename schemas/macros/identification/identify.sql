-- Identify the spectra of a study against a library: the k best analytes of each spectrum. An analyte counts by its
-- best spectrum.
--
-- Inputs: vectors.<study>__<model> and vectors.<library>__<model>; spectra (for matched peaks).
-- Parameters: study, library: names of collections, which may be the same; ppm: half-width of the precursor window in
--   ppm; k: analytes per query; model: whose vectors to compare ('default': the lab's default model);
--   fragment_tolerance_da: tolerance in Da for counting matched peaks; left_out: 'contributor' spares each query
--   spectra of its own contributor and copies of itself, NULL nothing (see candidate_pairs); contributors: list of
--   contributors whose spectra are the queries, NULL: all; query_range: the first and the last id of the queries, NULL:
--   all; query_ids: list of their ids, NULL: all.
-- Columns: query_id, rank, analyte_id, library_spectrum_id, score, matched_peaks, ppm_error, n_candidate_analytes,
--   score_gap. Ties go to the smaller analyte_id, then to the smaller library_spectrum_id.
CREATE OR REPLACE MACRO identify(
    study,
    library,
    ppm := 10.0,
    k := 10,
    model := 'default',
    fragment_tolerance_da := 0.01,
    left_out := NULL,
    contributors := NULL,
    query_range := NULL,
    query_ids := NULL
) AS TABLE
WITH identify_queries AS (
    FROM embedded_queries(
        study, model := model, contributors := contributors, query_range := query_range, query_ids := query_ids
    )
),
identify_pairs AS (
    FROM embedding_pairs('identify_queries', 'vectors.' || library || '__' || model, ppm := ppm, left_out := left_out)
)
FROM rank_hits('identify_pairs', k := k, fragment_tolerance_da := fragment_tolerance_da);
COMMENT ON MACRO TABLE identify IS
    'The k best analytes of each spectrum of a study: query_id, rank, analyte_id, library_spectrum_id, score, '
    'matched_peaks, ppm_error, n_candidate_analytes, score_gap';
