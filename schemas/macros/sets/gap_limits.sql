-- How far behind the first a candidate may lie so that the truth is among those kept as often as promised: the
-- quantile of split conformal prediction, class by class.
--
-- Inputs: the relation.
-- Parameters: known: name of a relation with contributor, analyte_id, ion_mode, instrument, candidates and gap, as
--   gaps_of_truth gives them; coverage: the promise, a share between 0 and 1; least_known: fewest queries of a class.
-- Columns: ion_mode, instrument, candidates, n_known (queries of the class), gap_limit (infinite where they are too
--   few for the promise). Classes with fewer queries than least_known have no row. Beside them a row with ion_mode and
--   instrument NULL and detail 1 for every number of candidates, and one with detail 0 for all; classes have detail 2.
--
-- Queries are weighed as calibrations weigh them: the spectra of one analyte by one laboratory share the weight
-- 1 / sqrt(number of its analytes). The limit is the least gap at which the weight of the queries within it, of that of
-- all and one query more, is what was promised (one more, as the query that is asked might be the worst).
CREATE OR REPLACE MACRO gap_limits(known, coverage := 0.9, least_known := 50) AS TABLE
WITH weighed AS MATERIALIZED (
    SELECT
        ion_mode,
        instrument,
        candidates,
        gap,
        1.0 / count(*) OVER (PARTITION BY contributor, analyte_id)
        / sqrt(count(DISTINCT analyte_id) OVER (PARTITION BY contributor)) AS weight
    FROM query_table(known)
),
asked AS (
    SELECT
        CASE
            WHEN coverage > 0 AND coverage < 1 THEN coverage::DOUBLE
            ELSE error(concat('coverage is ', coverage, '; give a share between 0 and 1, such as 0.9'))
        END AS share
),
every AS (
    SELECT 2 AS detail, ion_mode, instrument, candidates, gap, weight FROM weighed
    UNION ALL BY NAME
    SELECT 1 AS detail, candidates, gap, weight FROM weighed
    UNION ALL BY NAME
    SELECT 0 AS detail, gap, weight FROM weighed
),
added AS (
    SELECT
        detail,
        ion_mode,
        instrument,
        candidates,
        gap,
        sum(weight) OVER (
            PARTITION BY detail, ion_mode, instrument, candidates
            ORDER BY gap RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS within,
        sum(weight) OVER of_class + avg(weight) OVER of_class AS of_all
    FROM every
    WINDOW of_class AS (PARTITION BY detail, ion_mode, instrument, candidates)
)
SELECT
    detail,
    ion_mode,
    instrument,
    candidates,
    count(*) AS n_known,
    coalesce(min(gap) FILTER (within >= asked.share * of_all * (1 - 1e-12)), 'infinity'::FLOAT) AS gap_limit
FROM added
CROSS JOIN asked
GROUP BY ALL
HAVING n_known >= least_known
ORDER BY ALL;
COMMENT ON MACRO TABLE gap_limits IS
    'How far behind the first candidate the truth lies at most in a promised share of known queries, by ion mode, '
    'instrument and number of candidates';
