-- Fill calibrations.
-- Inputs: record_calibrations. Parameters: none. Columns: of calibrations.
INSERT INTO calibrations BY NAME
SELECT * FROM record_calibrations ORDER BY created, calibration_id;
