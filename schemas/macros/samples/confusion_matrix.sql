-- Which classes a classification job took for which, averaged over its repeats.
--
-- Inputs: sample_predictions. Parameters: job: name of the job; method, estimator: one of those of the job; NULL: all
--   of them.
-- Columns: method, estimator, truth, predicted, n (mean per repeat), share (of the truth's). Pairs that never occur
--   have no row.
CREATE OR REPLACE MACRO confusion_matrix(job, method := NULL, estimator := NULL) AS TABLE
WITH predictions AS (
    SELECT p.method, p.estimator, p.seed, p.truth, p.predicted
    FROM sample_predictions AS p
    WHERE
        p.job = job
        AND p.task = 'classification'
        AND p.method = coalesce(method, p.method)
        AND p.estimator = coalesce(estimator, p.estimator)
),
repeats AS (
    SELECT p.method, p.estimator, count(DISTINCT p.seed) AS n_seeds FROM predictions AS p GROUP BY p.method, p.estimator
),
pairs AS (
    SELECT p.method, p.estimator, p.truth, p.predicted, count(*) AS n
    FROM predictions AS p
    GROUP BY p.method, p.estimator, p.truth, p.predicted
)
SELECT
    c.method,
    c.estimator,
    c.truth,
    c.predicted,
    c.n / r.n_seeds AS n,
    c.n / sum(c.n) OVER (PARTITION BY c.method, c.estimator, c.truth) AS share
FROM pairs AS c
INNER JOIN repeats AS r ON r.method = c.method AND r.estimator = c.estimator
ORDER BY c.method, c.estimator, c.truth, c.predicted;
COMMENT ON MACRO TABLE confusion_matrix IS
    'Mean count and share of each pair of true and predicted class of a job: method, estimator, truth, predicted, n, '
    'share';
