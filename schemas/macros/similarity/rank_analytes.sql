-- The k best analytes for each query, among the library spectra of the same ion mode within a precursor tolerance. An analyte counts
-- by its best spectrum.
--
-- Inputs: two relations, given by name: queries with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit length), library
--   with the same and analyte_id; library spectra without analyte are passed over.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm; k: analytes per query.
-- Columns: query_id, rank, analyte_id, library_id, score, ppm_error, n_candidate_analytes (analytes in the window), score_gap (to the
--   next analyte, NULL for the last). Ties go to the smaller analyte_id, then to the smaller library_id.
CREATE OR REPLACE MACRO rank_analytes(queries, library, ppm := 10.0, k := 10) AS TABLE
WITH best AS (
    SELECT
        query_id,
        analyte_id,
        -- The least struct: by the greatest score, then by the smaller library id, of whatever type ids are.
        min({minus_score: -score, library_id: library_id, ppm_error: pairs.ppm_error}) AS hit
    FROM similarity_pairs(queries, library, ppm := ppm) AS pairs
    INNER JOIN query_table(library) AS candidates ON candidates.id = library_id
    WHERE analyte_id IS NOT NULL
    GROUP BY query_id, analyte_id
)
SELECT
    query_id,
    (row_number() OVER by_score)::INTEGER AS rank,
    analyte_id,
    hit.library_id AS library_id,
    0 - hit.minus_score AS score, -- negation would make a zero negative
    hit.ppm_error AS ppm_error,
    (count(*) OVER (PARTITION BY query_id))::INTEGER AS n_candidate_analytes,
    lead(hit.minus_score) OVER by_score - hit.minus_score AS score_gap
FROM best
WINDOW by_score AS (PARTITION BY query_id ORDER BY hit.minus_score, analyte_id)
QUALIFY rank <= k
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE rank_analytes IS
    'The k best analytes per query within ppm of its precursor: query_id, rank, analyte_id, library_id, score, ppm_error, n_candidate_analytes, score_gap';
