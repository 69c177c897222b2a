-- How long searches took.
-- Inputs: searches. Parameters: $searches: list of search_ids. Columns: search_id, seconds.
SELECT search_id, epoch_ms(finished - started) / 1000 AS seconds
FROM searches
WHERE list_contains($searches, search_id)
ORDER BY search_id;
