-- Take out the hits of searches that changed.
-- Inputs: hits, other_searches. Parameters: none. Columns: none.
DELETE FROM hits WHERE search_id IN (SELECT search_id FROM other_searches);
