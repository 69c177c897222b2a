-- The pairs of a shortlist with a mixture of the similarity that put them on it and a score of peaks.
-- Inputs: nearest_pairs (query_id, library_id, score, n_library_analytes); peak_score(scorer, query_id, library_id),
--   both registered by the program. Parameters: $scorer, $weight (of the score of peaks). Columns: those of
--   nearest_pairs.
SELECT
    query_id,
    library_id,
    ((1 - $weight::DOUBLE) * score + $weight::DOUBLE * peak_score($scorer, query_id, library_id))::FLOAT AS score,
    n_library_analytes
FROM nearest_pairs;
