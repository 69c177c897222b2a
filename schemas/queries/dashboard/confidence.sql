-- How sure the answers of the newest search of each study are: the tile "Confidence" of the dashboard.
-- Inputs: latest_identifications. Parameters: none.
-- Columns: study, search_id, drawing (study, search and measure), measure (probability; score in a search that was not
--   calibrated), low and high (the bin: at least low, less than high; the last one holds 1 as well), confident (yes,
--   no, or cannot be told: by the rule of confident answers), n (answers).
WITH measured AS (
    SELECT
        study,
        search_id,
        CASE WHEN probability IS NULL THEN 'score' ELSE 'probability' END AS measure,
        least(floor(coalesce(probability, score) * 20), 19)::INTEGER AS bin,
        CASE WHEN confident IS NULL THEN 'cannot be told' WHEN confident THEN 'yes' ELSE 'no' END AS confident
    FROM latest_identifications
)
SELECT
    study,
    search_id,
    concat(study, ', search ', search_id, ', ', measure) AS drawing,
    measure,
    bin / 20 AS low,
    (bin + 1) / 20 AS high,
    confident,
    count(*) AS n
FROM measured
GROUP BY study, search_id, measure, bin, confident
ORDER BY study, search_id, measure, low, confident;
