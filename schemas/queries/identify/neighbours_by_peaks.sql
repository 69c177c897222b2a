-- How the queries of a search compare with what they cannot be (see neighbour_pairs), by a score of peaks.
-- Inputs: spectra; peak_score(scorer, query_id, library_id), registered for the search by the program. Parameters: {study}, {library}; $scorer, $ppm,
-- $left_out, $contributors (NULL: none left out, all contributors). Columns: query_id (every query), neighbour_score (NULL: no neighbour),
-- neighbour_share (of the shifted windows, those with a neighbour).
WITH neighbour_queries AS (
    FROM collection_queries('{study}', contributors := $contributors::VARCHAR[])
),
neighbour_library AS (
    FROM collection_spectra('{library}')
),
found AS (
    SELECT query_id, max(peak_score($scorer, query_id, library_id)) AS score, count(DISTINCT query_shift) AS windows
    FROM neighbour_pairs('neighbour_queries', 'neighbour_library', ppm := $ppm, left_out := $left_out::VARCHAR)
    GROUP BY query_id
)
SELECT id AS query_id, score::FLOAT AS neighbour_score, coalesce(windows, 0) / len(neighbour_shifts()) AS neighbour_share
FROM neighbour_queries
LEFT JOIN found ON found.query_id = id;
