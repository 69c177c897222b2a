-- True positives, false positives, precision, recall and F1 of a search at every score threshold.
--
-- Inputs: calls, precision_recall.
-- Parameters: search: a search_id; unit: analyte (as in the paper) or query; per: what to divide the study by, as for
--   search_queries (search: not at all); step: distance of thresholds between 0 and 1; truth: a relation as for calls.
-- Columns: part, threshold (a first hit counts when its score is at least that), true_positives, false_positives,
--   n_true (what could be found), false_negatives, precision, recall, f1 (see precision_recall).
CREATE OR REPLACE MACRO threshold_sweep(
    search, unit := 'analyte', per := 'search', step := 0.01, truth := 'known_analytes'
) AS TABLE
WITH calls AS (
    FROM calls(search, unit := unit, per := per, truth := truth)
),
thresholds AS (
    SELECT round(i * step::DOUBLE, 9) AS threshold, round(i * step::DOUBLE, 9)::FLOAT AS cut
    FROM (SELECT unnest(range(floor(1 / step + 1e-9)::BIGINT + 1)) AS i)
),
reached AS (
    SELECT
        calls.part,
        thresholds.threshold,
        count(*) FILTER (calls.is_true) AS n_right,
        count(*) FILTER (NOT calls.is_true) AS n_false
    FROM calls
    ASOF JOIN thresholds ON calls.score >= thresholds.cut
    GROUP BY ALL
),
parts AS (
    SELECT part, count(*) FILTER (is_expected) AS n_true FROM calls GROUP BY part
),
sums AS (
    SELECT
        parts.part,
        thresholds.threshold,
        (sum(coalesce(n_right, 0)) OVER downwards)::BIGINT AS true_positives,
        (sum(coalesce(n_false, 0)) OVER downwards)::BIGINT AS false_positives,
        parts.n_true
    FROM parts
    CROSS JOIN thresholds
    LEFT JOIN reached ON reached.part = parts.part AND reached.threshold = thresholds.threshold
    WINDOW downwards AS (PARTITION BY parts.part ORDER BY thresholds.threshold DESC)
)
SELECT *, unnest(precision_recall(true_positives, false_positives, n_true))
FROM sums
ORDER BY part, threshold;
COMMENT ON MACRO TABLE threshold_sweep IS
    'True positives, false positives, precision, recall and F1 of a search at score thresholds from 0 to 1, by part '
    'of the study';
