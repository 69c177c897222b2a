-- The latest search that a benchmark can use again instead of searching anew.
-- Inputs: searches.
-- Parameters: $study, $library, $method, $model, $settings, $left_out, $ppm, $fragment_tolerance_da, $record_version:
-- as recorded in searches; $k: the least number of analytes per query.
-- Columns: search_id; at most one row.
SELECT search_id
FROM searches
WHERE study = $study
    AND library = $library
    -- Earlier versions recorded embedding under this name.
    AND replace(method, 'similarity_join', 'embedding') = $method
    AND model IS NOT DISTINCT FROM $model
    AND settings IS NOT DISTINCT FROM $settings::VARCHAR
    AND left_out IS NOT DISTINCT FROM $left_out::VARCHAR
    AND ppm = $ppm
    AND fragment_tolerance_da = $fragment_tolerance_da
    AND record_version = $record_version
    AND k >= $k
ORDER BY finished DESC, search_id DESC
LIMIT 1;
