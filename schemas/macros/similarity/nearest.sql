-- The k library spectra most similar to each query, whatever their precursor: an open search, exact.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit
--   length); rows without an embedding are passed over.
-- Parameters: queries, library: names of the relations; k: rows per query.
-- Columns: query_id, rank, library_id, score, mz_difference (library minus query precursor, m/z). Ties go to the
--   smaller id.
CREATE OR REPLACE MACRO nearest(queries, library, k := 10) AS TABLE
SELECT
    query_id,
    row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
    library_id,
    score,
    mz_difference
FROM (
    SELECT
        q.id AS query_id,
        l.id AS library_id,
        array_inner_product(q.embedding, l.embedding) AS score,
        l.precursor_mz - q.precursor_mz AS mz_difference
    FROM query_table(queries) AS q
    INNER JOIN query_table(library) AS l ON l.ion_mode = q.ion_mode
    WHERE q.embedding IS NOT NULL AND l.embedding IS NOT NULL
)
QUALIFY rank <= k
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE nearest IS
    'The k most similar library spectra per query of the same ion mode, without a precursor filter: query_id, rank, '
    'library_id, score, mz_difference';
