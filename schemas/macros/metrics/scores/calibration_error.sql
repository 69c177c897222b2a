-- How well the probabilities of a search hold: expected calibration error, Brier score, log loss.
--
-- Inputs: search_truth, hits, calibration_curve.
-- Parameters: search: a search_id; bins: of the expected calibration error; truth: a relation as for search_truth.
-- Columns: n (queries of known analyte whose first hit has a probability), mean_probability, share_right,
--   expected_calibration_error (mean over the bins of calibration_curve of |mean probability - share right|, weighted
--   by n), maximum_calibration_error (the largest of them), brier (mean squared difference between the probability and
--   1 for right, 0 for wrong), log_loss (mean negative logarithm of the probability of what came true, in nats;
--   probabilities are held within 1e-15 of 0 and 1). One row; NULLs when n is 0.
CREATE OR REPLACE MACRO calibration_error(search, bins := 10, truth := 'known_analytes') AS TABLE
WITH judged AS (
    SELECT hits.probability, truth.correct::INTEGER AS correct
    FROM search_truth(search, truth := truth) AS truth
    INNER JOIN hits ON hits.search_id = search AND hits.query_id = truth.query_id AND hits.rank = 1
    WHERE hits.probability IS NOT NULL
),
by_bin AS (
    SELECT
        sum(n * abs(mean_probability - share_right)) / sum(n) AS expected_calibration_error,
        max(abs(mean_probability - share_right)) AS maximum_calibration_error
    FROM calibration_curve(search, bins := bins, truth := truth)
),
overall AS (
    SELECT
        count(*) AS n,
        avg(probability) AS mean_probability,
        avg(correct) AS share_right,
        avg((probability - correct) ** 2) AS brier,
        avg(-ln(greatest(CASE correct WHEN 1 THEN probability ELSE 1 - probability END, 1e-15))) AS log_loss
    FROM judged
)
SELECT n, mean_probability, share_right, expected_calibration_error, maximum_calibration_error, brier, log_loss
FROM overall
CROSS JOIN by_bin;
COMMENT ON MACRO TABLE calibration_error IS
    'Expected and maximum calibration error, Brier score and log loss of the probabilities of a search';
