-- What the methods of a benchmark choose from, and what they are kept from.
-- Inputs: spectra. Parameters: $study, $library, $ppm, $left_out, $contributors (NULL: all).
-- Columns: n_pairs (of a query and a library spectrum that are compared), n_copies (library spectra with the peaks of a
-- query: no query meets its own), n_copied (queries with such a copy).
WITH benchmark_queries AS (
    FROM collection_queries($study, contributors := $contributors::VARCHAR[])
),
benchmark_library AS (
    FROM collection_spectra($library)
),
copies AS (
    SELECT query.id AS query_id, copy.id AS library_id
    FROM benchmark_queries AS query
    INNER JOIN benchmark_library AS copy ON copy.peaks_hash = query.peaks_hash AND copy.id <> query.id
)
SELECT
    (
        SELECT count(*)
        FROM candidate_pairs('benchmark_queries', 'benchmark_library', ppm := $ppm, left_out := $left_out::VARCHAR)
    ) AS n_pairs,
    count(DISTINCT library_id) AS n_copies,
    count(DISTINCT query_id) AS n_copied
FROM copies;
