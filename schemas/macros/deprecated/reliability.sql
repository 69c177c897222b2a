-- calibration_curve by its former name.
-- Inputs: calibration_curve. Parameters: those of calibration_curve. Columns: those of calibration_curve.
CREATE OR REPLACE MACRO reliability(search, bins := 10, truth := 'known_analytes') AS TABLE
FROM calibration_curve(search, bins := bins, truth := truth);
COMMENT ON MACRO TABLE reliability IS 'Deprecated: call calibration_curve';
