-- How many pairs inside the precursor window a search leaves out because both spectra are of one contributor, and how
-- many others because the library spectrum is a copy of the query. Where copies alone are left out, no pair counts as
-- of one contributor.
-- Inputs: spectra. Parameters: $study, $library, $ppm, $contributors (NULL: all), $left_out. Columns: n_own, n_copies.
WITH left_queries AS (
    FROM collection_queries($study, contributors := $contributors::VARCHAR[])
),
left_library AS (
    FROM collection_spectra($library)
)
SELECT
    count(*) FILTER (
        $left_out::VARCHAR = 'contributor' AND query_contributor IS NOT DISTINCT FROM library_contributor
    ) AS n_own,
    count(*) FILTER (
        ($left_out::VARCHAR = 'copies' OR query_contributor IS DISTINCT FROM library_contributor)
        AND query_peaks_hash = library_peaks_hash
    ) AS n_copies
FROM candidate_pairs('left_queries', 'left_library', ppm := $ppm)
WHERE query_id <> library_id;
