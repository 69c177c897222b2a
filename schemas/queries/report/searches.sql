-- The finished searches of a lab, the latest first.
-- Inputs: searches, latest_searches. Parameters: none.
-- Columns: search_id, study, library, method, model, ppm, fragment_tolerance_da, left_out, calibration_id, n_queries,
--   n_answered, share_answered, finished, is_latest (the search that is meant where none is named: it is in the view
--   latest_searches).
SELECT
    search_id,
    study,
    library,
    method,
    model,
    ppm,
    fragment_tolerance_da,
    left_out,
    calibration_id,
    n_queries,
    n_answered,
    n_answered / nullif(n_queries, 0) AS share_answered,
    finished,
    search_id IN (SELECT search_id FROM latest_searches) AS is_latest
FROM searches
WHERE finished IS NOT NULL
ORDER BY finished DESC, search_id;
