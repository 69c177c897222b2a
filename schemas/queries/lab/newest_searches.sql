-- The searches that are meant where none is named: the newest of each study, as in the view latest_searches; of one
-- collection that is named and has no such search, its newest one against itself.
-- Inputs: searches, latest_searches. Parameters: $study, a study or library (NULL: all studies). Columns: search_id, by
--   study.
SELECT search_id
FROM (
    SELECT search_id, study FROM latest_searches WHERE $study IS NULL OR study = $study
    UNION ALL
    SELECT search_id, study
    FROM searches
    WHERE
        study = $study AND library = $study AND finished IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM latest_searches AS newest WHERE newest.study = $study)
    QUALIFY row_number() OVER (ORDER BY finished DESC, searches.search_id DESC) = 1
)
ORDER BY study;
