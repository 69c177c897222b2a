-- The settings of the calibrations of a method, latest first; those fitted on copies left out alone come last.
-- Inputs: calibrations, searches. Parameters: $library, $method, $model. Columns: settings (JSON).
SELECT settings
FROM calibrations
WHERE library = $library AND method = $method AND model IS NOT DISTINCT FROM $model
ORDER BY search_id IN (SELECT search_id FROM searches WHERE left_out = 'copies'), created DESC, calibration_id DESC;
