-- How high each query of a search scores against what it cannot be, from its scored pairs with that.
--
-- Inputs: two relations, given by name: queries with (id); pairs with (query_id, analyte_id, score), from
--   neighbour_pairs.
-- Parameters: queries, pairs: names of the relations.
-- Columns: query_id (every query), neighbour_score (its best; NULL: no neighbour), neighbour_analytes (analytes that
--   its neighbours are of).
CREATE OR REPLACE MACRO best_neighbours(queries, pairs) AS TABLE
WITH best AS (
    SELECT query_id, max(score) AS best_score, count(DISTINCT analyte_id) AS analytes
    FROM query_table(pairs)
    GROUP BY query_id
)
SELECT
    asked.id AS query_id,
    best_score::FLOAT AS neighbour_score,
    coalesce(analytes, 0)::INTEGER AS neighbour_analytes
FROM query_table(queries) AS asked
LEFT JOIN best ON best.query_id = asked.id;
COMMENT ON MACRO TABLE best_neighbours IS
    'Internal: the best score of each query against what it cannot be: query_id, neighbour_score, neighbour_analytes';
