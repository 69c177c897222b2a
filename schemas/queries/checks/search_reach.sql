-- How far the precursors of queries are from those of a library, by ion mode: why a search finds no candidates.
-- Inputs: spectra; a relation, given by name, with ion_mode and precursor_mz. Parameters: $queries, its name; $library.
-- Columns: ion_mode, n_queries, n_library (annotated spectra), nearest_ppm (the least distance of a query's precursor
--   from one of the library, in ppm of the query's; NULL where a side has none), query_mz and library_mz (of that
--   pair). One row per ion mode that a side has.
WITH queries AS (
    SELECT ion_mode, precursor_mz FROM query_table($queries)
),
library AS (
    SELECT ion_mode, precursor_mz FROM spectra WHERE collection = $library AND analyte_id IS NOT NULL
),
-- Each precursor of the queries beside the next ones of the library below and above, both sides in one order of m/z.
both_sides AS (
    SELECT DISTINCT ion_mode, precursor_mz, precursor_mz AS query_mz, NULL::DOUBLE AS library_mz FROM queries
    UNION ALL
    SELECT DISTINCT ion_mode, precursor_mz, NULL, precursor_mz FROM library
),
neighbours AS (
    SELECT
        ion_mode,
        query_mz,
        max(library_mz) OVER (PARTITION BY ion_mode ORDER BY precursor_mz) AS below,
        min(library_mz) OVER (PARTITION BY ion_mode ORDER BY precursor_mz DESC) AS above
    FROM both_sides
),
pairs AS (
    SELECT ion_mode, query_mz, unnest([below, above]) AS library_mz
    FROM neighbours
    WHERE query_mz IS NOT NULL
),
nearest AS (
    SELECT
        ion_mode,
        min(abs(library_mz - query_mz) / query_mz * 1e6) AS nearest_ppm,
        arg_min(query_mz, abs(library_mz - query_mz) / query_mz) AS query_mz,
        arg_min(library_mz, abs(library_mz - query_mz) / query_mz) AS library_mz
    FROM pairs
    GROUP BY ion_mode
),
sizes AS (
    SELECT ion_mode, count(*) FILTER (side = 'queries') AS n_queries, count(*) FILTER (side = 'library') AS n_library
    FROM (
        SELECT 'queries' AS side, ion_mode FROM queries
        UNION ALL
        SELECT 'library', ion_mode FROM library
    )
    GROUP BY ion_mode
)
SELECT sizes.ion_mode, n_queries, n_library, nearest_ppm, query_mz, library_mz
FROM sizes
LEFT JOIN nearest USING (ion_mode)
ORDER BY sizes.ion_mode;
