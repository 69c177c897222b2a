-- How the scores of the first hits of a search are distributed: of right ones, of wrong ones, and where the truth is
-- not known.
-- Inputs: hits; what the macro search_truth reads. Parameters: $search, $bins (of equal width between 0 and 1).
-- Columns: from_score, to_score, n_right, n_wrong, n_unknown. Scores below 0 or above 1 are in the first or last bin.
WITH counts AS (
    SELECT
        greatest(0, least($bins - 1, floor(hits.score::DOUBLE * $bins)))::BIGINT AS bin,
        count(*) FILTER (truth.correct) AS n_right,
        count(*) FILTER (NOT truth.correct) AS n_wrong,
        count(*) FILTER (truth.correct IS NULL) AS n_unknown
    FROM hits
    LEFT JOIN search_truth($search, must_know := false) AS truth ON truth.query_id = hits.query_id
    WHERE hits.search_id = $search AND hits.rank = 1
    GROUP BY ALL
)
SELECT
    bin / $bins AS from_score,
    (bin + 1) / $bins AS to_score,
    coalesce(n_right, 0) AS n_right,
    coalesce(n_wrong, 0) AS n_wrong,
    coalesce(n_unknown, 0) AS n_unknown
FROM (SELECT unnest(range($bins::BIGINT)) AS bin)
LEFT JOIN counts USING (bin)
ORDER BY bin;
