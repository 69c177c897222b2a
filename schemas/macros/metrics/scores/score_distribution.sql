-- How the scores of right and of wrong first hits are distributed: a histogram between 0 and 1.
--
-- Inputs: search_truth.
-- Parameters: search: a search_id; bins: number of bins of equal width; truth: a relation as for search_truth.
-- Columns: from_score, to_score (excluded, but 1 is in the last bin), n_true, n_false, share_of_true, share_of_false
--   (of all right, and of all wrong, first hits). Scores below 0 or above 1 are in the first or last bin.
CREATE OR REPLACE MACRO score_distribution(search, bins := 50, truth := 'known_analytes') AS TABLE
WITH counts AS (
    SELECT
        greatest(0, least(bins - 1, floor(score::DOUBLE * bins)))::BIGINT AS bin,
        count(*) FILTER (correct) AS n_true,
        count(*) FILTER (NOT correct) AS n_false
    FROM search_truth(search, truth := truth)
    WHERE score IS NOT NULL
    GROUP BY ALL
)
SELECT
    bin / bins AS from_score,
    (bin + 1) / bins AS to_score,
    coalesce(n_true, 0) AS n_true,
    coalesce(n_false, 0) AS n_false,
    coalesce(n_true, 0) / nullif(sum(n_true) OVER (), 0) AS share_of_true,
    coalesce(n_false, 0) / nullif(sum(n_false) OVER (), 0) AS share_of_false
FROM (SELECT unnest(range(bins)) AS bin)
LEFT JOIN counts USING (bin)
ORDER BY bin;
COMMENT ON MACRO TABLE score_distribution IS 'Histogram of the scores of right and wrong first hits of a search';
