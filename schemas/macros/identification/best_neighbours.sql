-- How high each query of a search scores against what it cannot be, from its scored pairs with that.
--
-- Inputs: two relations, given by name: queries with (id); pairs with (query_id, query_shift, score), from
--   neighbour_pairs.
-- Parameters: queries, pairs: names of the relations.
-- Columns: query_id (every query), neighbour_score (its best; NULL: no neighbour), neighbour_share (of the shifted
--   windows, those with a neighbour).
CREATE OR REPLACE MACRO best_neighbours(queries, pairs) AS TABLE
WITH best AS (
    SELECT query_id, max(score) AS best_score, count(DISTINCT query_shift) AS windows
    FROM query_table(pairs)
    GROUP BY query_id
)
SELECT
    asked.id AS query_id,
    best_score::FLOAT AS neighbour_score,
    coalesce(windows, 0) / len(neighbour_shifts()) AS neighbour_share
FROM query_table(queries) AS asked
LEFT JOIN best ON best.query_id = asked.id;
COMMENT ON MACRO TABLE best_neighbours IS
    'Internal: the best score of each query against what it cannot be: query_id, neighbour_score, neighbour_share';
