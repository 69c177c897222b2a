-- The searches that count.
-- Inputs: searches. Parameters: none. Columns: search_id.
SELECT search_id FROM searches;
