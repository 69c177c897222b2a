-- How many queries a search by embeddings could have answered and did.
-- Inputs: vectors.{study}__{model}; found (the hits just made). Parameters: {study}, {model}; $contributors (NULL: all).
-- Columns: n_queries, n_answered, n_hits.
SELECT
    (
        SELECT count(*)
        FROM vectors.{study}__{model}
        WHERE $contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor)
    ) AS n_queries,
    count(DISTINCT query_id) AS n_answered,
    count(*) AS n_hits
FROM found;
