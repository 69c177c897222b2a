-- The k library spectra most similar to each query, among those of the same ion mode within a precursor tolerance.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit
--   length).
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm; k: rows per
--   query.
-- Columns: query_id, rank, library_id, score, ppm_error, n_candidates (library spectra in the window). Ties go to the
--   smaller id.
CREATE OR REPLACE MACRO similarity_join(queries, library, ppm := 10.0, k := 10) AS TABLE
SELECT
    query_id,
    row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
    library_id,
    score,
    ppm_error,
    count(*) OVER (PARTITION BY query_id)::INTEGER AS n_candidates
FROM similarity_pairs(queries, library, ppm := ppm)
QUALIFY rank <= k
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE similarity_join IS
    'The k most similar library spectra per query within ppm of its precursor: query_id, rank, library_id, score, '
    'ppm_error, n_candidates';
