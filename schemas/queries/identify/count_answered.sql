-- How many queries a search by embeddings could have answered and did.
-- Inputs: vectors.<study>__<model>; found (the hits just made). Parameters: $study, $model, $contributors (NULL: all).
-- Columns: n_queries, n_answered, n_hits.
SELECT
    (
        SELECT count(*)
        FROM embedded_queries($study, model := $model, contributors := $contributors::VARCHAR[])
    ) AS n_queries,
    count(DISTINCT query_id) AS n_answered,
    count(*) AS n_hits
FROM found;
