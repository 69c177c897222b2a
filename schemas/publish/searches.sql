-- Fill searches with the finished ones.
-- Inputs: record_searches. Parameters: none. Columns: of searches.
INSERT INTO searches BY NAME
SELECT * FROM record_searches WHERE finished IS NOT NULL ORDER BY finished, search_id;
