-- The latest calibration that holds for a search.
-- Inputs: calibrations, models.
-- Parameters: $library, $method, $model, $settings, $ppm, $fragment_tolerance_da: of the search, settings without contributors.
-- Columns: calibration_id, settings; at most one row. A calibration by another version of the model does not hold.
SELECT calibration_id, settings
FROM calibrations
WHERE library = $library
    AND method = $method
    AND model IS NOT DISTINCT FROM $model
    AND model_fingerprint IS NOT DISTINCT FROM (SELECT fingerprint FROM models WHERE name = $model)
    AND settings IS NOT DISTINCT FROM $settings::VARCHAR
    AND ppm = $ppm
    AND fragment_tolerance_da = $fragment_tolerance_da
ORDER BY created DESC, calibration_id DESC
LIMIT 1;
