-- The sets of some known queries of a search by limits from others: whether the truth is in each, and how large it is.
-- Inputs: set_known (as gaps_of_truth gives them: those that limits are found on), set_judged (query_id, analyte_id,
--   contributor), registered by the program; candidate_gaps, gap_limits, sets_within.
-- Parameters: $search, $coverage. Columns: query_id, contributor, candidates, analyte_id, n_candidate_analytes,
--   is_covered, set_size; by query_id.
WITH set_found AS MATERIALIZED (
    FROM candidate_gaps($search) SEMI JOIN set_judged USING (query_id)
),
set_limits AS MATERIALIZED (
    FROM gap_limits('set_known', coverage := $coverage)
)
SELECT
    judged.query_id,
    any_value(judged.contributor) AS contributor,
    any_value(kept.candidates) AS candidates,
    any_value(judged.analyte_id) AS analyte_id,
    any_value(kept.n_candidate_analytes) AS n_candidate_analytes,
    bool_or(kept.analyte_id = judged.analyte_id) AS is_covered,
    any_value(kept.set_size) AS set_size
FROM set_judged AS judged
INNER JOIN sets_within('set_found', 'set_limits') AS kept ON kept.query_id = judged.query_id
GROUP BY judged.query_id
ORDER BY judged.query_id;
