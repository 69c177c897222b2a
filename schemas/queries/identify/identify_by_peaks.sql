-- The hits of one search by a score of peaks: the same candidates and the same ranking as by embeddings.
-- Inputs: spectra; peak_score(scorer, query_id, library_id), registered for the search by the program.
-- Parameters: $study, $library, $scorer, $search_id, $ppm, $k, $fragment_tolerance_da, $left_out, $contributors,
--   $query_range, the first and the last id, and $query_ids (NULL: none left out, all contributors, all queries).
-- Columns: those of hits up to score_gap.
WITH peak_queries AS (
    FROM collection_queries(
        $study,
        contributors := $contributors::VARCHAR[],
        query_range := $query_range::BIGINT[],
        query_ids := $query_ids::BIGINT[]
    )
),
peak_library AS (
    FROM collection_spectra($library)
),
peak_pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        peak_score($scorer, query_id, library_id) AS score,
        ppm_error
    FROM candidate_pairs('peak_queries', 'peak_library', ppm := $ppm, left_out := $left_out::VARCHAR)
)
SELECT $search_id AS search_id, hits.*
FROM rank_hits('peak_pairs', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits;
