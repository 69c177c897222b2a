-- Remember which searches were published.
-- Inputs: searches. Parameters: none. Columns: search_id, finished.
CREATE OR REPLACE TEMP TABLE previous_searches AS SELECT search_id, finished FROM searches;
