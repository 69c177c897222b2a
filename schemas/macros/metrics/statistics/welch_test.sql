-- Is a search more precise than another over its best thresholds? The paper's Appendix D.1, for every part of the
-- study.
--
-- Inputs: threshold_sweep, welch_t.
-- Parameters: search_a, search_b: search_ids; top: how many thresholds, those with the highest F1 of each search in
--   each part (of equal ones the highest; those at which nothing is reported have no precision and do not count); the
--   others as for threshold_sweep.
-- Columns: part, n_a, n_b, mean_a, mean_b, variance_a, variance_b (of the precision), t, df, p_greater (b is the more
--   precise one), p_two_sided.
--
-- Precisions at neighbouring thresholds rest on nearly the same identifications and are not independent, as the test
-- supposes: the p value describes how far the two curves are apart, and not what repeating the experiment would give.
CREATE OR REPLACE MACRO welch_test(
    search_a, search_b, per := 'dilution', top := 20, unit := 'analyte', step := 0.01, truth := 'known_analytes'
) AS TABLE
WITH a AS (
    SELECT part, count("precision") AS n, avg("precision") AS mean, var_samp("precision") AS variance
    FROM (
        SELECT part, "precision"
        FROM threshold_sweep(search_a, unit := unit, per := per, step := step, truth := truth)
        WHERE "precision" IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY part ORDER BY f1 DESC NULLS LAST, threshold DESC) <= top
    )
    GROUP BY part
),
b AS (
    SELECT part, count("precision") AS n, avg("precision") AS mean, var_samp("precision") AS variance
    FROM (
        SELECT part, "precision"
        FROM threshold_sweep(search_b, unit := unit, per := per, step := step, truth := truth)
        WHERE "precision" IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY part ORDER BY f1 DESC NULLS LAST, threshold DESC) <= top
    )
    GROUP BY part
)
SELECT
    part,
    a.n AS n_a,
    b.n AS n_b,
    a.mean AS mean_a,
    b.mean AS mean_b,
    a.variance AS variance_a,
    b.variance AS variance_b,
    unnest(welch_t(a.mean, a.variance, a.n, b.mean, b.variance, b.n))
FROM a
INNER JOIN b USING (part)
ORDER BY as_number(part) NULLS LAST, part;
COMMENT ON MACRO TABLE welch_test IS
    'Welch''s t test of the precision of two searches over their thresholds with the highest F1, by part of the study';
