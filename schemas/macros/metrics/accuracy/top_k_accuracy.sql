-- How often a search puts the right analyte among its first k, over the queries whose analyte is known (the paper's per
-- spectrum).
--
-- Inputs: search_truth, searches.
-- Parameters: search: a search_id; at_k: how many ranks count; min_candidates: only queries with at least so many
--   candidate analytes; truth: a relation as for search_truth.
-- Columns: search_id, at_k, min_candidates, n_queries (known analyte, enough candidates), n_answerable (the right
--   analyte has a library spectrum in reach), n_correct, accuracy (correct of answerable), accuracy_of_all (correct of
--   queries: the paper's accuracy), best_possible (answerable of queries: the paper's maximum achievable accuracy).
CREATE OR REPLACE MACRO top_k_accuracy(search, at_k := 1, min_candidates := 0, truth := 'known_analytes') AS TABLE
WITH counts AS (
    SELECT
        count(*) AS n_queries,
        count(*) FILTER (answerable) AS n_answerable,
        count(*) FILTER (rank_of_truth <= at_k) AS n_correct
    FROM search_truth(search, truth := truth)
    WHERE n_candidate_analytes >= min_candidates
)
SELECT
    search AS search_id,
    at_k AS at_k,
    min_candidates AS min_candidates,
    counts.*,
    n_correct / nullif(n_answerable, 0) AS accuracy,
    n_correct / nullif(n_queries, 0) AS accuracy_of_all,
    n_answerable / nullif(n_queries, 0) AS best_possible
FROM counts
SEMI JOIN searches ON searches.search_id = search;
COMMENT ON MACRO TABLE top_k_accuracy IS
    'Share of answerable queries of a search whose right analyte is among the first k, with the counts behind it';
