-- Fill calibrations.
-- Inputs: record_calibrations. Parameters: none. Columns: of calibrations.
INSERT INTO calibrations BY NAME
-- Earlier versions recorded the method embedding under another name.
SELECT * REPLACE (replace(method, 'similarity_join', 'embedding') AS method)
FROM record_calibrations
ORDER BY created, calibration_id;
