-- The wrong first hits of a search by kind, as numbers and shares.
--
-- Inputs: error_analysis.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: kind (see error_analysis), winnable, n, share (of all wrong first hits), share_of_answerable (of those whose
--   right analyte was in reach; NULL for the others), n_second (the right analyte was the second hit), median_lead (of
--   the answer's score over that of the truth), mean_mces. Rows of winnable errors and of those that no score could
--   have won add up to 1.
CREATE OR REPLACE MACRO error_summary(search, truth := 'known_analytes') AS TABLE
SELECT
    kind,
    winnable,
    count(*) AS n,
    count(*) / sum(count(*)) OVER () AS share,
    CASE WHEN answerable THEN count(*) / sum(count(*)) OVER (PARTITION BY answerable) END AS share_of_answerable,
    count(*) FILTER (rank_of_truth = 2) AS n_second,
    median(score_lead::DOUBLE) AS median_lead,
    avg(mces_distance) AS mean_mces
FROM error_analysis(search, truth := truth)
GROUP BY kind, winnable, answerable
ORDER BY n DESC, kind;
COMMENT ON MACRO TABLE error_summary IS
    'Kinds of errors of a search with their shares, and whether a better score could have avoided them';
