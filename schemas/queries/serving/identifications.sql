-- What spectra were identified as: by one search or by the newest of each study, in one sample or in all.
-- Inputs: identifications, latest_searches, samples. Parameters: $search (NULL: the newest of each study), $sample: a
--   sample's id or name (NULL: all). Columns: those of identifications; by study, run and query.
SELECT *
FROM identifications
WHERE
    CASE
        WHEN $search::VARCHAR IS NULL THEN search_id IN (SELECT newest.search_id FROM latest_searches AS newest)
        ELSE search_id = $search
    END
    AND (
        $sample::VARCHAR IS NULL
        OR sample_id = $sample
        OR sample_id IN (SELECT named.sample_id FROM samples AS named WHERE named.name = $sample)
    )
ORDER BY study, run_id, query_id, search_id;
