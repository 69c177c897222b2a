-- How far the truth lies behind the first candidate, of the known queries of a search.
-- Inputs: gaps_of_truth. Parameters: $search. Columns: those of gaps_of_truth; by query_id.
FROM gaps_of_truth($search)
ORDER BY query_id;
