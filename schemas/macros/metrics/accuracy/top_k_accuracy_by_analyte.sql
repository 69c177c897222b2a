-- How often a search puts the right analyte among its first k, every analyte weighing the same (the paper's per
-- analyte).
--
-- Inputs: per_analyte, searches.
-- Parameters: as for top_k_accuracy.
-- Columns: search_id, at_k, min_candidates, n_analytes, n_answerable (analytes with an answerable query), accuracy
--   (mean over those of correct of answerable queries), accuracy_of_all (mean over all analytes of correct of queries:
--   the paper's accuracy), best_possible (mean over all analytes of answerable of queries: the paper's maximum
--   achievable accuracy).
CREATE OR REPLACE MACRO top_k_accuracy_by_analyte(
    search, at_k := 1, min_candidates := 0, truth := 'known_analytes'
) AS TABLE
WITH means AS (
    SELECT
        count(*) AS n_analytes,
        count(*) FILTER (n_answerable > 0) AS n_answerable,
        avg(accuracy) AS accuracy,
        avg(accuracy_of_all) AS accuracy_of_all,
        avg(best_possible) AS best_possible
    FROM per_analyte(search, at_k := at_k, min_candidates := min_candidates, truth := truth)
)
SELECT search AS search_id, at_k AS at_k, min_candidates AS min_candidates, means.*
FROM means
SEMI JOIN searches ON searches.search_id = search;
COMMENT ON MACRO TABLE top_k_accuracy_by_analyte IS
    'Top-k accuracy of a search averaged over the queries of each analyte first, then over analytes';
