-- The latest calibration that holds for a search; one fitted on copies left out alone only where no other holds.
-- Inputs: calibrations, models, searches.
-- Parameters: $library, $method, $model, $settings, $ppm, $fragment_tolerance_da: of the search, settings without
--   contributors. $terms: names of the terms that calibrations are made of.
-- Columns: calibration_id, settings, of_today (it is made of these terms; others come last and cannot be used),
--   by_copies (its queries met spectra of their own laboratories, which are more alike than those of others); at most
--   one row. A calibration by another version of the model does not hold.
SELECT
    calibration_id,
    settings,
    terms = $terms::VARCHAR[] AS of_today,
    search_id IN (SELECT search_id FROM searches WHERE left_out = 'copies') AS by_copies
FROM calibrations
WHERE library = $library
    -- Earlier versions recorded embedding under this name.
    AND replace(method, 'similarity_join', 'embedding') = $method
    AND model IS NOT DISTINCT FROM $model
    AND model_fingerprint IS NOT DISTINCT FROM (SELECT fingerprint FROM models WHERE name = $model)
    AND settings IS NOT DISTINCT FROM $settings::VARCHAR
    AND ppm = $ppm
    AND fragment_tolerance_da = $fragment_tolerance_da
ORDER BY of_today DESC, by_copies, created DESC, calibration_id DESC
LIMIT 1;
