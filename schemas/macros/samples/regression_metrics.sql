-- How far each method and estimator of a regression job was off on runs or samples that it had not seen: metrics per
-- repeat (seed, over all its folds), then their mean over the repeats.
--
-- Inputs: sample_predictions. Parameters: job: name of the job.
-- Columns: method, estimator, n_seeds, n_predictions, r2 (1 - residual over total sum of squares, the total about the
--   mean of the held-out numbers; NULL where they are all equal), mae (mean absolute error), rmse (root mean square
--   error), r2_sd (sample standard deviation over the seeds). The best r2 comes first.
CREATE OR REPLACE MACRO regression_metrics(job) AS TABLE
WITH per_seed AS (
    SELECT
        p.method,
        p.estimator,
        p.seed,
        count(*) AS n,
        1 - sum((p.truth_number - p.predicted_number) ** 2) / nullif(var_pop(p.truth_number) * count(*), 0) AS r2,
        avg(abs(p.truth_number - p.predicted_number)) AS mae,
        sqrt(avg((p.truth_number - p.predicted_number) ** 2)) AS rmse
    FROM sample_predictions AS p
    WHERE p.job = job AND p.task = 'regression'
    GROUP BY p.method, p.estimator, p.seed
)
SELECT
    method,
    estimator,
    count(*) AS n_seeds,
    sum(n)::BIGINT AS n_predictions,
    avg(s.r2) AS r2,
    avg(s.mae) AS mae,
    avg(s.rmse) AS rmse,
    stddev_samp(s.r2) AS r2_sd
FROM per_seed AS s
GROUP BY method, estimator
ORDER BY r2 DESC, method, estimator;
COMMENT ON MACRO TABLE regression_metrics IS
    'R2, mean absolute and root mean square error of each method of a regression job, averaged over its repeats';
