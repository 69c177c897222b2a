-- Accuracy of a search by how many analytes it had to choose from: a query with a single candidate is no test.
--
-- Inputs: search_truth, candidate_classes.
-- Parameters: search: a search_id; at_k: how many ranks count; truth: a relation as for search_truth.
-- Columns: candidates (label), from_candidates, to_candidates (NULL: no end), n_queries, n_answerable, n_correct,
--   accuracy (correct of answerable), accuracy_of_all, best_possible, chance (accuracy that drawing at_k candidates at
--   random would have, of answerable).
CREATE OR REPLACE MACRO accuracy_by_candidates(search, at_k := 1, truth := 'known_analytes') AS TABLE
SELECT
    candidates,
    from_candidates,
    to_candidates,
    count(*) AS n_queries,
    count(*) FILTER (answerable) AS n_answerable,
    count(*) FILTER (rank_of_truth <= at_k) AS n_correct,
    n_correct / nullif(n_answerable, 0) AS accuracy,
    n_correct / n_queries AS accuracy_of_all,
    n_answerable / n_queries AS best_possible,
    avg(
        CASE WHEN n_candidate_analytes > 0 THEN least(1, at_k / n_candidate_analytes) ELSE 0 END
    ) FILTER (answerable) AS chance
FROM search_truth(search, truth := truth)
INNER JOIN candidate_classes()
    ON n_candidate_analytes >= from_candidates AND n_candidate_analytes <= coalesce(to_candidates, n_candidate_analytes)
GROUP BY ALL
ORDER BY from_candidates;
COMMENT ON MACRO TABLE accuracy_by_candidates IS
    'Top-k accuracy of a search by number of candidate analytes, beside what guessing would give';
