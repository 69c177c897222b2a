-- How many analytes the queries of a search had to choose from, and how many of those whose analyte is known were
-- answered right.
-- Inputs: hits; what the macros search_queries, search_truth and candidate_classes read. Parameters: $search.
-- Columns: candidates (label), n_queries, n_known (whose analyte is known), n_right (of these; first hits),
--   n_answerable (of these: the right analyte is within reach, which with a single candidate makes the answer right by
--   itself); classes without a query have no row.
WITH asked AS (
    SELECT
        coalesce(first_hit.n_candidate_analytes, 0) AS n,
        truth.query_id IS NOT NULL AS known,
        truth.answerable,
        truth.correct
    FROM search_queries($search) AS q
    LEFT JOIN hits AS first_hit
        ON first_hit.search_id = $search AND first_hit.query_id = q.query_id AND first_hit.rank = 1
    LEFT JOIN search_truth($search, must_know := false) AS truth ON truth.query_id = q.query_id
)
SELECT
    candidates,
    count(*) AS n_queries,
    count(*) FILTER (known) AS n_known,
    count(*) FILTER (correct) AS n_right,
    count(*) FILTER (answerable) AS n_answerable
FROM asked
INNER JOIN candidate_classes() ON asked.n >= from_candidates AND asked.n <= coalesce(to_candidates, asked.n)
GROUP BY candidates, from_candidates
ORDER BY from_candidates;
