-- The pairs that an identification compares, scored by the inner product of their vectors.
--
-- Inputs: two relations, given by name, as for candidate_pairs, each with embedding FLOAT[d] of unit length, too.
-- Parameters: those of candidate_pairs.
-- Columns: query_id, library_id, analyte_id (of the library spectrum), score, ppm_error: what rank_hits reads.
CREATE OR REPLACE MACRO embedding_pairs(queries, library, ppm := 10.0, left_out := NULL) AS TABLE
SELECT
    query_id,
    library_id,
    library_analyte_id AS analyte_id,
    array_inner_product(query_embedding, library_embedding) AS score,
    ppm_error
FROM candidate_pairs(queries, library, ppm := ppm, left_out := left_out);
COMMENT ON MACRO TABLE embedding_pairs IS
    'Internal: the pairs of an identification with the inner product of their vectors: query_id, library_id, '
    'analyte_id, score, ppm_error';
