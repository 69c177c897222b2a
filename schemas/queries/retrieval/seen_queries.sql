-- The queries of one search, and whether its model was trained on them.
-- Inputs: seen_in_training. Parameters: $search: a search_id. Columns: search_id, and those of seen_in_training.
SELECT $search AS search_id, *
FROM seen_in_training($search)
ORDER BY query_id;
