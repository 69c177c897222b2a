-- The first hits of one method in one part of the data: what ROC curves are made of.
-- Inputs: judged, a relation with method and the columns of queries/retrieval/rows. Parameters: $method, $subset.
-- Columns: analyte_id, score, correct; of queries with a candidate.
SELECT analyte_id, score, correct
FROM judged
WHERE method = $method AND list_contains(subsets, $subset) AND score IS NOT NULL
ORDER BY query_id;
