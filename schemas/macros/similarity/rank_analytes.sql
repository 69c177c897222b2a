-- The k best analytes for each query, among the library spectra of the same ion mode within a precursor tolerance. An
-- analyte counts by its best spectrum.
--
-- Inputs: two relations, given by name: queries with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit
--   length), library with the same and analyte_id; library spectra without analyte are passed over.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm; k: analytes per
--   query.
-- Columns: query_id, rank, analyte_id, library_id, score, ppm_error, n_candidate_analytes (analytes in the window),
--   score_gap (to the next analyte, NULL for the last). Ties go to the smaller analyte_id, then to the smaller
--   library_id.
CREATE OR REPLACE MACRO rank_analytes(queries, library, ppm := 10.0, k := 10) AS TABLE
WITH scored_pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        array_inner_product(query_embedding, library_embedding) AS score,
        ppm_error
    FROM precursor_pairs(queries, library, ppm := ppm)
    WHERE query_embedding IS NOT NULL AND library_embedding IS NOT NULL AND library_analyte_id IS NOT NULL
)
FROM rank_pairs('scored_pairs', k := k);
COMMENT ON MACRO TABLE rank_analytes IS
    'The k best analytes per query within ppm of its precursor: query_id, rank, analyte_id, library_id, score, '
    'ppm_error, n_candidate_analytes, score_gap';
