-- Whether the set of candidates of a first hit holds it alone, of hits as calibrations are fitted on them.
-- Inputs: set_known (as gaps_of_truth gives them: those that limits are found on), first_hits (query_id, without_truth,
--   score_gap), registered by the program; candidate_gaps, candidate_classes, gap_limits.
-- Parameters: $search, $coverage. Columns: query_id, without_truth, is_single; in this order.
WITH limits AS MATERIALIZED (
    FROM gap_limits('set_known', coverage := $coverage)
),
of_query AS MATERIALIZED (
    SELECT DISTINCT query_id, ion_mode, instrument, n_candidate_analytes FROM candidate_gaps($search)
),
of_hit AS (
    -- A hit without the truth has one candidate less to choose from.
    SELECT
        first_hits.*,
        of_query.ion_mode,
        of_query.instrument,
        of_query.n_candidate_analytes - first_hits.without_truth::INTEGER AS n_left
    FROM first_hits
    INNER JOIN of_query USING (query_id)
)
SELECT
    hit.query_id,
    hit.without_truth,
    hit.n_left <= 1 OR coalesce(hit.score_gap > of_class.gap_limit, false) AS is_single
FROM of_hit AS hit
INNER JOIN candidate_classes() AS classes
    ON hit.n_left >= classes.from_candidates AND hit.n_left <= coalesce(classes.to_candidates, hit.n_left)
LEFT JOIN limits AS of_class
    ON of_class.detail = 0
    OR (
        of_class.candidates = classes.candidates
        AND (
            of_class.detail = 1
            OR (
                of_class.ion_mode IS NOT DISTINCT FROM hit.ion_mode
                AND of_class.instrument IS NOT DISTINCT FROM hit.instrument
            )
        )
    )
QUALIFY row_number() OVER (PARTITION BY hit.query_id, hit.without_truth ORDER BY of_class.detail DESC) = 1
ORDER BY hit.query_id, hit.without_truth;
