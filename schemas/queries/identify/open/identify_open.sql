-- The hits of one search without a precursor filter, from the analytes nearest to each query.
-- Inputs: nearest_pairs (query_id, library_id, score, n_library_analytes), registered by the program: at least k + 1
--   analytes per query where the library has them; spectra.
-- Parameters: $search_id, $k, $fragment_tolerance_da. Columns: those of hits up to score_gap; n_candidate_analytes are
--   all of the query's ion mode.
WITH open_pairs AS (
    SELECT
        query_id,
        library_id,
        l.analyte_id,
        score,
        (l.precursor_mz - q.precursor_mz) / q.precursor_mz * 1e6 AS ppm_error
    FROM nearest_pairs
    INNER JOIN query_spectra('spectra') AS q ON q.spectrum_id = query_id
    INNER JOIN spectra AS l ON l.spectrum_id = library_id
),
candidates AS (
    SELECT query_id, any_value(n_library_analytes)::INTEGER AS n_library_analytes FROM nearest_pairs GROUP BY query_id
)
SELECT
    $search_id AS search_id,
    hits.* REPLACE (n_library_analytes AS n_candidate_analytes)
FROM rank_hits('open_pairs', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits
INNER JOIN candidates USING (query_id)
ORDER BY query_id, rank;
