-- Every pair of a query and a library spectrum of the same ion mode whose precursors agree within a tolerance, with the
-- inner product of their embeddings.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit
--   length); rows without a positive precursor_mz or without an embedding are passed over.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm of the query's
--   m/z.
-- Columns: query_id, library_id, score, ppm_error (library minus query, in ppm of the query's m/z).
CREATE OR REPLACE MACRO similarity_pairs(queries, library, ppm := 10.0) AS TABLE
SELECT query_id, library_id, array_inner_product(query_embedding, library_embedding) AS score, ppm_error
FROM precursor_pairs(queries, library, ppm := ppm)
WHERE query_embedding IS NOT NULL AND library_embedding IS NOT NULL;
COMMENT ON MACRO TABLE similarity_pairs IS
    'Internal: every query/library pair of one ion mode within ppm of the precursor: query_id, library_id, score, '
    'ppm_error';
