-- The finished searches of a lab and whose spectra are their queries.
-- Inputs: searches. Parameters: none. Columns: search_id, study; the newest first.
SELECT search_id, study FROM searches WHERE finished IS NOT NULL ORDER BY finished DESC, search_id DESC;
