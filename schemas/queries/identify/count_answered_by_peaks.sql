-- How many queries a search by peaks could have answered and did.
-- Inputs: spectra; found (the hits just made). Parameters: $study, $contributors (NULL: all).
-- Columns: n_queries, n_answered, n_hits.
SELECT
    (SELECT count(*) FROM collection_spectra($study, contributors := $contributors::VARCHAR[])) AS n_queries,
    count(DISTINCT query_id) AS n_answered,
    count(*) AS n_hits
FROM found;
