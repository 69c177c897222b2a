-- Quartiles of the scores of right and of wrong first hits: the boxes of a box plot.
--
-- Inputs: search_truth.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: correct, n, lowest, q1, median, q3, highest, mean (quantiles interpolate linearly), share_above_090 (of
--   scores > 0.9).
CREATE OR REPLACE MACRO score_quartiles(search, truth := 'known_analytes') AS TABLE
SELECT
    correct,
    count(*) AS n,
    min(score) AS lowest,
    quantile_cont(score::DOUBLE, 0.25) AS q1,
    quantile_cont(score::DOUBLE, 0.5) AS median,
    quantile_cont(score::DOUBLE, 0.75) AS q3,
    max(score) AS highest,
    avg(score::DOUBLE) AS mean,
    count(*) FILTER (score > 0.9::FLOAT) / count(*) AS share_above_090
FROM search_truth(search, truth := truth)
WHERE score IS NOT NULL
GROUP BY correct
ORDER BY correct DESC;
COMMENT ON MACRO TABLE score_quartiles IS 'Quartiles of the scores of right and wrong first hits of a search';
