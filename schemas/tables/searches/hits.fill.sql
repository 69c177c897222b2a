-- Fill hits with those of finished searches.
-- Inputs: record_hits, searches. Parameters: none. Columns: of hits.
INSERT INTO hits BY NAME
SELECT record_hits.*
FROM record_hits
SEMI JOIN searches USING (search_id)
ORDER BY search_id, query_id, rank;
