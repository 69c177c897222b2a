-- How many answers of the newest search of each study are confident.
-- Inputs: latest_searches, identifications. Parameters: none.
-- Columns: search_id, study, n_answered, n_confident (NULL: the rule cannot be applied to the search),
--   best_probability (of the surest answer; NULL without a calibration), by study.
SELECT
    latest_searches.search_id,
    latest_searches.study,
    count(found.query_id) AS n_answered,
    CASE WHEN count(found.query_id) = count(found.confident) THEN count(*) FILTER (found.confident) END AS n_confident,
    max(found.probability) AS best_probability
FROM latest_searches
LEFT JOIN identifications AS found ON found.search_id = latest_searches.search_id
GROUP BY ALL
ORDER BY latest_searches.study;
