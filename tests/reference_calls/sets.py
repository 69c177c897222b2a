"""Statements for the macros about sets of candidates."""

CALLS = {
    "candidate_set": """
-- How many candidates keep the promise, by how sure it is to be.
SELECT coverage, count(*) AS n_queries, round(avg(set_size), 2) AS mean_size, count(*) FILTER (is_single) AS n_single
FROM (
    SELECT 0.9 AS coverage, * FROM candidate_set('calibrated', coverage := 0.9)
    UNION ALL
    SELECT 0.99, * FROM candidate_set('calibrated', coverage := 0.99)
)
WHERE rank = 1
GROUP BY coverage
ORDER BY coverage""",
    "candidate_gaps": """
SELECT candidates, count(*) AS n, round(avg(gap), 2) AS mean_gap
FROM candidate_gaps('calibrated')
WHERE rank = 2
GROUP BY candidates
ORDER BY candidates""",
    "gaps_of_truth": """
SELECT candidates, count(*) AS n_known, round(avg((gap = 0)::INTEGER), 2) AS share_first
FROM gaps_of_truth('calibrated', truth := 'truth.parquet')
GROUP BY candidates
ORDER BY candidates""",
    "gap_limits": """
WITH known(contributor, analyte_id, ion_mode, instrument, candidates, gap) AS (
    SELECT 'here', 'A' || n, 'positive', NULL, '2', n / 100 FROM range(100) AS numbers(n)
)
SELECT round(gap_limit, 2) AS gap_limit, n_known FROM gap_limits('known', coverage := 0.8) WHERE detail = 2""",
    "sets_within": """
-- The right answers that sets of the demo hold, by limits found on itself.
WITH known AS (
    FROM gaps_of_truth('calibrated', truth := 'truth.parquet')
),
limits AS (
    FROM gap_limits('known', coverage := 0.95)
),
found AS (
    FROM candidate_gaps('calibrated')
)
SELECT
    kept.candidates,
    count(*) AS n_known,
    round(avg((known.gap <= gap_limit)::INTEGER), 3) AS covered,
    round(avg(set_size), 2) AS mean_size
FROM sets_within('found', 'limits') AS kept
JOIN known USING (query_id)
WHERE rank = 1
GROUP BY kept.candidates
ORDER BY kept.candidates""",
}
