-- What each molecule adds to the means of a benchmark of analogues, and to the paired differences of every method from
-- the best score of peaks, which is chosen for each ion mode and metric by its mean.
-- Inputs: analogue_answers, as analogue_terms takes it; analogue_terms.
-- Parameters: $baselines: names of the methods that differences are taken from.
-- Columns: method, subset (ion mode), metric (a difference is named <metric>_gain), analyte_id, numerator (the value),
--   denominator (1), n (1), baseline (of a difference; else NULL).
WITH long AS (
    UNPIVOT (SELECT * EXCLUDE (n_queries) FROM analogue_terms('analogue_answers'))
    ON first_morgan, first_rdkit, best_morgan, best_rdkit, share_half, share_six, first_mces, best_mces
    INTO NAME metric VALUE amount
),
best AS (
    SELECT ion_mode, metric, arg_max(method, CASE WHEN metric LIKE '%mces' THEN -mean ELSE mean END) AS baseline
    FROM (
        SELECT ion_mode, metric, method, avg(amount) AS mean
        FROM long
        WHERE list_contains($baselines::VARCHAR[], method)
        GROUP BY ALL
        ORDER BY method
    )
    GROUP BY ion_mode, metric
)
SELECT
    method,
    ion_mode AS subset,
    metric,
    query_analyte_id AS analyte_id,
    amount AS numerator,
    1::DOUBLE AS denominator,
    1 AS n,
    NULL AS baseline
FROM long
UNION ALL BY NAME
SELECT
    own.method,
    own.ion_mode AS subset,
    own.metric || '_gain' AS metric,
    own.query_analyte_id AS analyte_id,
    own.amount - other.amount AS numerator,
    1::DOUBLE AS denominator,
    1 AS n,
    best.baseline
FROM long AS own
INNER JOIN best ON best.ion_mode = own.ion_mode AND best.metric = own.metric
INNER JOIN long AS other
    ON other.method = best.baseline
    AND other.ion_mode = own.ion_mode
    AND other.metric = own.metric
    AND other.query_analyte_id = own.query_analyte_id
WHERE own.method != best.baseline
ORDER BY method, subset, metric, analyte_id;
