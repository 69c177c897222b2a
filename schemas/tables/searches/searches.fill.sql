-- Fill searches with the finished ones.
-- Inputs: record_searches. Parameters: none. Columns: of searches.
INSERT INTO searches BY NAME
-- Earlier versions recorded the method embedding under another name.
SELECT * REPLACE (replace(method, 'similarity_join', 'embedding') AS method)
FROM record_searches
WHERE finished IS NOT NULL
ORDER BY finished, search_id;
