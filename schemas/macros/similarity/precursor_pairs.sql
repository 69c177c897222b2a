-- Every pair of a query and a library spectrum of the same ion mode whose precursors agree within a tolerance.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode) and any other columns; rows
--   without a positive precursor_mz are passed over.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm of the query's
--   m/z.
-- Columns: those of the queries with query_ before their names (query_id, query_precursor_mz, ...), those of the
--   library with library_, and ppm_error (library minus query, in ppm of the query's m/z). Only columns that are asked
--   for are read.
--
-- The join is an equi-join on integer bins of ln(m/z) that are one tolerance wide (a query meets its own bin and both
-- neighbours), with the exact test after it: a range condition alone would make the engine compare far too many pairs.
-- Bins are wider than the tolerance by a millionth, so that rounding cannot put a pair at the very edge of the window
-- two bins apart.
CREATE OR REPLACE MACRO precursor_pairs(queries, library, ppm := 10.0) AS TABLE
WITH query_bins AS (
    SELECT *, unnest([precursor_bin_of - 1, precursor_bin_of, precursor_bin_of + 1]) AS precursor_bin
    FROM (
        SELECT *, floor(ln(precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS precursor_bin_of
        FROM query_table(queries)
        WHERE precursor_mz > 0
    )
),
library_bins AS (
    SELECT *, floor(ln(precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS precursor_bin
    FROM query_table(library)
    WHERE precursor_mz > 0
)
SELECT
    COLUMNS(q.* EXCLUDE (precursor_bin, precursor_bin_of)) AS 'query_\0',
    COLUMNS(l.* EXCLUDE (precursor_bin)) AS 'library_\0',
    (l.precursor_mz - q.precursor_mz) / q.precursor_mz * 1e6 AS ppm_error
FROM query_bins AS q
INNER JOIN library_bins AS l ON l.ion_mode = q.ion_mode AND l.precursor_bin = q.precursor_bin
WHERE abs(l.precursor_mz - q.precursor_mz) <= q.precursor_mz * ppm * 1e-6;
COMMENT ON MACRO TABLE precursor_pairs IS
    'Every query/library pair of one ion mode within ppm of the precursor: the columns of both as query_* and '
    'library_*, ppm_error';
