-- Queries by what any of several models was trained on, so that seen and unseen are judged apart, for all methods
-- alike.
-- Inputs: seen_queries, a relation with search_id and the columns of seen_in_training, of searches by trained models.
--   Parameters: none.
-- Columns: query_id, part: 'seen spectra', 'seen analytes' (by other spectra), 'training unknown' (a card does not
-- tell), or 'unseen analytes'.
SELECT
    query_id,
    CASE
        WHEN bool_or(spectrum_seen) THEN 'seen spectra'
        WHEN bool_or(analyte_seen) THEN 'seen analytes'
        WHEN bool_or(analyte_seen IS NULL) THEN 'training unknown'
        ELSE 'unseen analytes'
    END AS part
FROM seen_queries
GROUP BY query_id
ORDER BY query_id;
