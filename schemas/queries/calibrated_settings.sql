-- The settings of the calibrations of a method, latest first.
-- Inputs: calibrations. Parameters: $library, $method, $model. Columns: settings (JSON).
SELECT settings
FROM calibrations
WHERE library = $library AND method = $method AND model IS NOT DISTINCT FROM $model
ORDER BY created DESC, calibration_id DESC;
