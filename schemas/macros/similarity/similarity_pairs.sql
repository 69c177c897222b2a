-- Every pair of a query and a library spectrum of the same ion mode whose precursors agree within a tolerance, with the
-- inner product of their embeddings.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit length); rows
--   without a positive precursor_mz or without an embedding are passed over.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm of the query's m/z.
-- Columns: query_id, library_id, score, ppm_error (library minus query, in ppm of the query's m/z).
--
-- The join is an equi-join on integer bins of ln(m/z) that are one tolerance wide (a query meets its own bin and both neighbours),
-- with the exact test after it: a range condition alone would make the engine compare far too many pairs. Bins are wider than the
-- tolerance by a millionth, so that rounding cannot put a pair at the very edge of the window two bins apart.
CREATE OR REPLACE MACRO similarity_pairs(queries, library, ppm := 10.0) AS TABLE
WITH query_bins AS (
    SELECT id, precursor_mz, ion_mode, embedding, unnest([bin - 1, bin, bin + 1]) AS bin
    FROM (
        SELECT id, precursor_mz, ion_mode, embedding, floor(ln(precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS bin
        FROM query_table(queries)
        WHERE precursor_mz > 0 AND embedding IS NOT NULL
    )
),
library_bins AS (
    SELECT id, precursor_mz, ion_mode, embedding, floor(ln(precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS bin
    FROM query_table(library)
    WHERE precursor_mz > 0 AND embedding IS NOT NULL
)
SELECT
    q.id AS query_id,
    l.id AS library_id,
    array_inner_product(q.embedding, l.embedding) AS score,
    (l.precursor_mz - q.precursor_mz) / q.precursor_mz * 1e6 AS ppm_error
FROM query_bins AS q
INNER JOIN library_bins AS l ON l.ion_mode = q.ion_mode AND l.bin = q.bin
WHERE abs(l.precursor_mz - q.precursor_mz) <= q.precursor_mz * ppm * 1e-6;
COMMENT ON MACRO TABLE similarity_pairs IS
    'Every query/library pair of one ion mode within ppm of the precursor: query_id, library_id, score, ppm_error';
