-- How the queries of a search compare with what they cannot be (see neighbour_pairs), by a mixture of two scores.
-- Inputs: vectors.{study}__{model}, vectors.{library}__{model}; peak_score(scorer, query_id, library_id), registered by the program. Parameters:
-- {study}, {library}, {model}; $scorer, $weight (of the score of peaks), $ppm, $left_out, $contributors (NULL: none left out, all contributors).
-- Columns: query_id (every query), neighbour_score (NULL: no neighbour), neighbour_share (of the shifted windows, those with a neighbour).
WITH neighbour_queries AS (
    FROM query_spectra('vectors.{study}__{model}')
    WHERE $contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor)
),
found AS (
    SELECT
        query_id,
        max(
            (1 - $weight::DOUBLE) * array_inner_product(query_embedding, library_embedding)
            + $weight::DOUBLE * peak_score($scorer, query_id, library_id)
        ) AS score,
        count(DISTINCT query_shift) AS windows
    FROM neighbour_pairs('neighbour_queries', 'vectors.{library}__{model}', ppm := $ppm, left_out := $left_out::VARCHAR)
    GROUP BY query_id
)
SELECT id AS query_id, score::FLOAT AS neighbour_score, coalesce(windows, 0) / len(neighbour_shifts()) AS neighbour_share
FROM neighbour_queries
LEFT JOIN found ON found.query_id = id;
