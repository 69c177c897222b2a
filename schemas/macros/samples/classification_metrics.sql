-- How well each method and estimator of a classification job did on runs or samples that it had not seen: metrics per
-- repeat (seed, over all its folds), then their mean and standard deviation over the repeats.
--
-- Inputs: sample_predictions. Parameters: job: name of the job.
-- Columns: method, estimator, n_seeds, n_predictions, n_classes, accuracy, balanced_accuracy (mean recall over the true
--   classes), macro_f1 (mean F1 over the true and predicted classes; 0 where a class has neither hit), auc (area under
--   the ROC curve by ranks, ties at half; one class against the rest, averaged over the true classes; NULL where the
--   truth has one class), macro_f1_sd and auc_sd (sample standard deviation over the seeds; NULL for one seed). The
--   best macro_f1 comes first.
CREATE OR REPLACE MACRO classification_metrics(job) AS TABLE
WITH predictions AS (
    SELECT p.method, p.estimator, p.seed, p.unit_id, p.truth, p.predicted, p.probabilities
    FROM sample_predictions AS p
    WHERE p.job = job AND p.task = 'classification'
),
classes AS (
    SELECT method, estimator, seed, truth AS class FROM predictions
    UNION
    SELECT method, estimator, seed, predicted FROM predictions
),
per_class AS (
    SELECT
        c.method, c.estimator, c.seed, c.class,
        count(*) FILTER (p.truth = c.class) AS n_true,
        count(*) FILTER (p.predicted = c.class) AS n_predicted,
        count(*) FILTER (p.truth = c.class AND p.predicted = c.class) AS n_right,
        count(*) AS n
    FROM classes AS c
    INNER JOIN predictions AS p ON p.method = c.method AND p.estimator = c.estimator AND p.seed = c.seed
    GROUP BY ALL
),
-- The rank of each score among all scores of its class; equal scores share their mean rank.
ranks AS (
    SELECT
        c.method, c.estimator, c.seed, c.class,
        p.truth = c.class AS positive,
        rank() OVER by_score + (count(*) OVER peers - 1) / 2 AS rank
    FROM per_class AS c
    INNER JOIN predictions AS p ON p.method = c.method AND p.estimator = c.estimator AND p.seed = c.seed
    WHERE c.n_true > 0 AND c.n_true < c.n
    WINDOW
        by_score AS (
            PARTITION BY c.method, c.estimator, c.seed, c.class ORDER BY coalesce(p.probabilities[c.class], 0)
        ),
        peers AS (PARTITION BY c.method, c.estimator, c.seed, c.class, coalesce(p.probabilities[c.class], 0))
),
areas AS (
    SELECT
        method, estimator, seed, class,
        (sum(rank) FILTER (positive) - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative) AS area
    FROM (
        SELECT
            *,
            sum(positive::BIGINT) OVER one_class AS n_positive,
            sum((NOT positive)::BIGINT) OVER one_class AS n_negative
        FROM ranks
        WINDOW one_class AS (PARTITION BY method, estimator, seed, class)
    )
    GROUP BY method, estimator, seed, class, n_positive, n_negative
),
per_seed AS (
    SELECT
        k.method, k.estimator, k.seed,
        any_value(k.n) AS n,
        count(*) FILTER (k.n_true > 0) AS n_classes,
        sum(k.n_right) / any_value(k.n) AS accuracy,
        avg(k.n_right / k.n_true) FILTER (k.n_true > 0) AS balanced_accuracy,
        avg(2 * k.n_right / (k.n_true + k.n_predicted)) AS macro_f1,
        avg(a.area) AS auc
    FROM per_class AS k
    LEFT JOIN areas AS a ON a.method = k.method AND a.estimator = k.estimator AND a.seed = k.seed AND a.class = k.class
    GROUP BY k.method, k.estimator, k.seed
)
SELECT
    method,
    estimator,
    count(*) AS n_seeds,
    sum(n)::BIGINT AS n_predictions,
    max(n_classes) AS n_classes,
    avg(s.accuracy) AS accuracy,
    avg(s.balanced_accuracy) AS balanced_accuracy,
    avg(s.macro_f1) AS macro_f1,
    avg(s.auc) AS auc,
    stddev_samp(s.macro_f1) AS macro_f1_sd,
    stddev_samp(s.auc) AS auc_sd
FROM per_seed AS s
GROUP BY method, estimator
ORDER BY macro_f1 DESC, method, estimator;
COMMENT ON MACRO TABLE classification_metrics IS
    'Accuracy, balanced accuracy, macro F1 and AUC of each method of a classification job, averaged over its repeats';
