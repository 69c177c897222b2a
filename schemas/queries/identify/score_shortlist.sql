-- The pairs of a shortlist with a score of peaks in place of the similarity that put them on it.
-- Inputs: nearest_pairs (query_id, library_id, score, n_library_analytes); peak_score(scorer, query_id, library_id),
--   both registered by the program. Parameters: $scorer. Columns: those of nearest_pairs.
SELECT query_id, library_id, peak_score($scorer, query_id, library_id) AS score, n_library_analytes
FROM nearest_pairs;
