-- How often the queries of a search have a candidate by chance, as a calibration estimates it.
-- Inputs: neighbours (query_id, neighbour_analytes: every query), calibrations. Parameters: $calibration (a
--   calibration_id). Columns: chance.
SELECT avg(chance_of_candidate(chance_coefficients, neighbour_analytes)) AS chance
FROM neighbours
CROSS JOIN calibrations
WHERE calibration_id = $calibration;
