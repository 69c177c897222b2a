-- How many analytes the queries of a search had to choose from, and how many of those whose analyte is known were
-- answered right.
-- Inputs: hits; what the macros search_queries and search_truth read. Parameters: $search.
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
),
classes AS (
    SELECT *
    FROM (
        VALUES
            ('0', 0, 0),
            ('1', 1, 1),
            ('2', 2, 2),
            ('3-5', 3, 5),
            ('6-10', 6, 10),
            ('11-20', 11, 20),
            ('21-50', 21, 50),
            ('51+', 51, 1000000000)
    ) AS classes (candidates, from_candidates, to_candidates)
)
SELECT
    candidates,
    count(*) AS n_queries,
    count(*) FILTER (known) AS n_known,
    count(*) FILTER (correct) AS n_right,
    count(*) FILTER (answerable) AS n_answerable
FROM asked
INNER JOIN classes ON asked.n BETWEEN from_candidates AND to_candidates
GROUP BY candidates, from_candidates
ORDER BY from_candidates;
