-- The latest search of a library against itself, contributors or copies left out, that a calibration can be fitted on.
-- Inputs: searches.
-- Parameters: $library, $left_out, $method, $model, $settings, $ppm, $fragment_tolerance_da, $record_version: as
--   recorded in searches.
-- Columns: search_id; at most one row.
SELECT search_id
FROM searches
WHERE study = $library
    AND library = $library
    AND left_out = $left_out
    -- Earlier versions recorded embedding under this name.
    AND replace(method, 'similarity_join', 'embedding') = $method
    AND model IS NOT DISTINCT FROM $model
    AND settings IS NOT DISTINCT FROM $settings::VARCHAR
    AND ppm = $ppm
    AND fragment_tolerance_da = $fragment_tolerance_da
    AND record_version = $record_version
    AND k >= 2
ORDER BY finished DESC, search_id DESC
LIMIT 1;
