-- The hits just made with the probability and the q-value of each first one.
-- Inputs: found (the hits just made), calibrations, spectra. Parameters: $calibration (a calibration_id; NULL: none).
-- Columns: those of hits. With a calibration, q_value comes from the probabilities (probability_q_values), without from the second
--   hits (decoy_q_values). Other ranks have neither.
WITH probable AS (
    FROM hit_probability('found', $calibration::VARCHAR)
),
estimated AS (
    SELECT query_id, q_value FROM probability_q_values('probable')
    UNION ALL
    SELECT query_id, q_value FROM decoy_q_values('found') WHERE $calibration::VARCHAR IS NULL
)
SELECT found.* REPLACE (probable.probability AS probability, estimated.q_value AS q_value)
FROM found
LEFT JOIN probable ON found.rank = 1 AND probable.query_id = found.query_id
LEFT JOIN estimated ON found.rank = 1 AND estimated.query_id = found.query_id
ORDER BY found.query_id, found.rank;
