-- Where the right analyte of each query stands among its candidates, an analyte counting by its best pair (rank_pairs).
-- Inputs: scored_pairs (query_id, library_id, analyte_id, score, ppm_error) and truth (query_id, analyte_id), both
--   registered by the program; the right analyte is among the pairs of each query.
-- Parameters: none. Columns: rank, in the order of query_id.
SELECT ranked.rank
FROM rank_pairs('scored_pairs', k := 2147483647) AS ranked
SEMI JOIN truth ON truth.query_id = ranked.query_id AND truth.analyte_id = ranked.analyte_id
ORDER BY ranked.query_id;
