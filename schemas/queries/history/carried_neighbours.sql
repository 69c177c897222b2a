-- How the queries of a search compare with what they cannot be, where those that are not affected scored as in an
-- earlier search. Of these only the first hits say how high; what no answer depends on is NULL.
-- Inputs: study_now (as spectra_now of changed_spectra), library_now (the same, of the library), hits, scored_again
--   (query_id, neighbour_score, of those that are affected).
-- Parameters: $ppm, $left_out, $contributors (NULL: none left out, all contributors), $earlier.
-- Columns: those of best_neighbours.
WITH neighbour_queries AS (
    SELECT
        * REPLACE (coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz),
        spectrum_id AS id
    FROM study_now
    WHERE is_compared
        AND ($contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor))
),
neighbour_library AS (
    SELECT *, spectrum_id AS id FROM library_now WHERE is_compared
),
known AS (
    SELECT query_id, neighbour_score FROM scored_again
    UNION ALL
    SELECT query_id, neighbour_score
    FROM hits
    WHERE search_id = $earlier AND rank = 1 AND query_id NOT IN (SELECT query_id FROM scored_again)
),
analytes AS (
    SELECT query_id, count(DISTINCT library_analyte_id) AS n_analytes
    FROM neighbour_pairs('neighbour_queries', 'neighbour_library', ppm := $ppm, left_out := $left_out::VARCHAR)
    GROUP BY query_id
)
SELECT
    asked.id AS query_id,
    neighbour_score::FLOAT AS neighbour_score,
    coalesce(n_analytes, 0)::INTEGER AS neighbour_analytes
FROM neighbour_queries AS asked
LEFT JOIN known ON known.query_id = asked.id
LEFT JOIN analytes ON analytes.query_id = asked.id;
