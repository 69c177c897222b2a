-- The reliability diagram of a search: of the first hits that it calls so and so probable, how many are right?
--
-- Inputs: search_truth, hits.
-- Parameters: search: a search_id; bins: number of equally wide bins of probability from 0 to 1; truth: a relation as
--   for search_truth.
-- Columns: bin (1 to bins), from_probability, to_probability (the last bin includes 1), n, n_right, mean_probability,
--   share_right, share_right_low, share_right_high (Wilson's interval for the share at 95 %, as though queries were
--   independent). Every query of known analyte whose first hit has a probability takes part; empty bins are left out.
CREATE OR REPLACE MACRO calibration_curve(search, bins := 10, truth := 'known_analytes') AS TABLE
WITH judged AS (
    SELECT hits.probability, truth.correct, least(floor(hits.probability * bins)::INTEGER, bins - 1) + 1 AS bin
    FROM search_truth(search, truth := truth) AS truth
    INNER JOIN hits ON hits.search_id = search AND hits.query_id = truth.query_id AND hits.rank = 1
    WHERE hits.probability IS NOT NULL
),
counted AS (
    SELECT
        bin,
        count(*) AS n,
        count(*) FILTER (correct) AS n_right,
        avg(probability) AS mean_probability,
        n_right / n AS share_right
    FROM judged
    GROUP BY bin
)
SELECT
    bin,
    (bin - 1) / bins AS from_probability,
    bin / bins AS to_probability,
    n,
    n_right,
    mean_probability,
    share_right,
    (
        share_right + 1.92072941 / n - 1.95996398 * sqrt(share_right * (1 - share_right) / n + 0.9603647 / n / n)
    ) / (1 + 3.84145882 / n)
        AS share_right_low,
    (
        share_right + 1.92072941 / n + 1.95996398 * sqrt(share_right * (1 - share_right) / n + 0.9603647 / n / n)
    ) / (1 + 3.84145882 / n)
        AS share_right_high
FROM counted
ORDER BY bin;
COMMENT ON MACRO TABLE calibration_curve IS
    'Reliability diagram of a search: mean probability and share of right first hits, by bin of probability';
