-- The finished searches of the lab, the newest first.
-- Inputs: searches. Parameters: none. Columns: those of searches.
FROM searches WHERE finished IS NOT NULL ORDER BY finished DESC, search_id DESC;
