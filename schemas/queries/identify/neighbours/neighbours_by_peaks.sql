-- How the queries of a search compare with what they cannot be (see neighbour_pairs), by a score of peaks.
-- Inputs: spectra; peak_score(scorer, query_id, library_id), registered for the search by the program.
-- Parameters: $study, $library, $scorer, $ppm, $left_out, $contributors, $query_ids (NULL: none left out, all
--   contributors, all queries).
-- Columns: query_id (every query), neighbour_score (NULL: no neighbour), neighbour_analytes (analytes that its
--   neighbours are of).
WITH neighbour_queries AS (
    FROM collection_queries($study, contributors := $contributors::VARCHAR[], query_ids := $query_ids::BIGINT[])
),
neighbour_library AS (
    FROM collection_spectra($library)
),
scored_pairs AS (
    SELECT query_id, library_analyte_id AS analyte_id, peak_score($scorer, query_id, library_id) AS score
    FROM neighbour_pairs('neighbour_queries', 'neighbour_library', ppm := $ppm, left_out := $left_out::VARCHAR)
)
FROM best_neighbours('neighbour_queries', 'scored_pairs');
