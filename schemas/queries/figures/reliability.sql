-- The reliability diagram of a search, beside its calibration error.
-- Inputs: what the macros calibration_curve and calibration_error read. Parameters: $search.
-- Columns: those of calibration_curve, and expected_calibration_error and brier of the whole search in each row.
SELECT bins.*, errors.expected_calibration_error, errors.brier
FROM calibration_curve($search) AS bins
CROSS JOIN calibration_error($search) AS errors
ORDER BY bins.bin;
