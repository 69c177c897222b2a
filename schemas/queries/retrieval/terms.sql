-- The metrics of retrieval as ratios of sums over analytes: value = sum(numerator) / sum(denominator), so that analytes
-- can be drawn again for confidence intervals.
-- Inputs: judged, a relation with method and the columns of queries/retrieval/rows. Parameters: $baselines: list of
--   methods to compare with.
-- Columns: method, subset, metric, analyte_id, numerator, denominator, n (what is counted: spectra, or 1 for the
-- analyte; of distances those that are answered).
--
-- Metrics end in per_spectrum, or in per_analyte where every analyte weighs the same: top_1, top_5, top_10 (right
-- analyte among the first k, of all queries), best_possible (queries that can be answered), share_of_possible (top_1 of
-- best_possible), share_closed (of what the best baseline of the subset leaves of the possible; of equal ones the first
-- in the alphabet), mces_1, mces_k (mean MCES distance of answered queries; wrong answers without a distance count as
-- the mean wrong one, and where more than a tenth of them has none, there is no such metric).
WITH parts AS (
    SELECT method, unnest(subsets) AS subset, * EXCLUDE (method, subsets) FROM judged
),
wrong AS (
    SELECT
        method,
        subset,
        CASE
            WHEN 10 * count(*) FILTER (distance_1 IS NULL) <= count(*) FILTER (coalesce(distance_1, 1) > 0)
            THEN coalesce(avg(distance_1) FILTER (distance_1 > 0), 0)
        END AS typical_1,
        CASE
            WHEN 10 * count(*) FILTER (distance_k IS NULL) <= count(*) FILTER (coalesce(distance_k, 1) > 0)
            THEN coalesce(avg(distance_k) FILTER (distance_k > 0), 0)
        END AS typical_k
    FROM parts
    WHERE score IS NOT NULL
    GROUP BY ALL
),
sums AS (
    SELECT
        method,
        subset,
        analyte_id,
        count(*) AS n,
        count(*) FILTER (answerable) AS reach,
        count(*) FILTER (rank_of_truth <= 1) AS top_1,
        count(*) FILTER (rank_of_truth <= 5) AS top_5,
        count(*) FILTER (rank_of_truth <= 10) AS top_10,
        count(score) AS answered,
        CASE
            WHEN any_value(typical_1) IS NOT NULL THEN sum(coalesce(distance_1, typical_1)) FILTER (score IS NOT NULL)
        END AS mces_1,
        CASE
            WHEN any_value(typical_k) IS NOT NULL THEN sum(coalesce(distance_k, typical_k)) FILTER (score IS NOT NULL)
        END AS mces_k
    FROM parts
    LEFT JOIN wrong USING (method, subset)
    GROUP BY ALL
),
both_ways AS (
    SELECT
        method,
        subset,
        analyte_id,
        'per_spectrum' AS averaged,
        n,
        n AS weight,
        reach,
        top_1,
        top_5,
        top_10,
        answered,
        mces_1,
        mces_k
    FROM sums
    UNION ALL
    SELECT
        method,
        subset,
        analyte_id,
        'per_analyte',
        1,
        1,
        reach / n,
        top_1 / n,
        top_5 / n,
        top_10 / n,
        (answered > 0)::INTEGER,
        mces_1 / nullif(answered, 0), mces_k / nullif(answered, 0)
    FROM sums
),
baseline AS (
    SELECT subset, averaged, method
    FROM both_ways
    WHERE list_contains($baselines, method)
    GROUP BY subset, averaged, method
    QUALIFY row_number() OVER (PARTITION BY subset, averaged ORDER BY sum(top_1) DESC, method) = 1
),
base AS (
    SELECT both_ways.subset, both_ways.averaged, both_ways.analyte_id, both_ways.top_1
    FROM both_ways
    INNER JOIN baseline USING (subset, averaged, method)
)
SELECT
    own.method,
    own.subset,
    metric.name || '_' || own.averaged AS metric,
    own.analyte_id,
    metric.numerator,
    metric.denominator,
    coalesce(metric.n, own.n) AS n
FROM both_ways AS own
LEFT JOIN base USING (subset, averaged, analyte_id)
CROSS JOIN LATERAL unnest([
    {'name': 'top_1', 'numerator': own.top_1::DOUBLE, 'denominator': own.weight::DOUBLE, 'n': NULL::BIGINT},
    {'name': 'top_5', 'numerator': own.top_5, 'denominator': own.weight, 'n': NULL},
    {'name': 'top_10', 'numerator': own.top_10, 'denominator': own.weight, 'n': NULL},
    {'name': 'best_possible', 'numerator': own.reach, 'denominator': own.weight, 'n': NULL},
    {'name': 'share_of_possible', 'numerator': own.top_1, 'denominator': own.reach, 'n': NULL},
    {'name': 'share_closed', 'numerator': own.top_1 - base.top_1, 'denominator': own.reach - base.top_1, 'n': NULL},
    {'name': 'mces_1', 'numerator': own.mces_1, 'denominator': own.answered, 'n': own.answered},
    {'name': 'mces_k', 'numerator': own.mces_k, 'denominator': own.answered, 'n': own.answered}
]) AS metrics (metric)
WHERE metric.numerator IS NOT NULL
ORDER BY ALL;
