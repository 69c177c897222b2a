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
-- The rank is part of what is joined: as a condition beside the join, it makes DuckDB compare every row with every other.
SELECT found.* REPLACE (probable.probability AS probability, estimated.q_value AS q_value)
FROM found
LEFT JOIN (SELECT *, 1 AS rank FROM probable) AS probable ON probable.query_id = found.query_id AND probable.rank = found.rank
LEFT JOIN (SELECT *, 1 AS rank FROM estimated) AS estimated ON estimated.query_id = found.query_id AND estimated.rank = found.rank
ORDER BY found.query_id, found.rank;
