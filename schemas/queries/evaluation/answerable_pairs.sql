-- The pairs that an evaluation scores: of queries whose analyte is among their candidates, each with every candidate.
-- Inputs: asked and library, both registered by the program as candidate_pairs reads them.
-- Parameters: $ppm, $left_out: as for candidate_pairs.
-- Columns: query_id, library_id, n_candidates (analytes of the query's pairs).
SELECT query_id, library_id, count(DISTINCT library_analyte_id) OVER (PARTITION BY query_id) AS n_candidates
FROM candidate_pairs('asked', 'library', ppm := $ppm, left_out := $left_out)
QUALIFY bool_or(query_analyte_id = library_analyte_id) OVER (PARTITION BY query_id)
ORDER BY query_id, library_analyte_id, library_id;
