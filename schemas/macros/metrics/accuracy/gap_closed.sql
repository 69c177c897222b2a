-- Two searches of one study against one library: how much of what the baseline leaves does the other find?
--
-- Inputs: top_k_accuracy, top_k_accuracy_by_analyte, share_closed, relative_change.
-- Parameters: search, baseline: search_ids; at_k: how many ranks count; truth: a relation as for search_truth.
-- Columns: averaged_over (spectra or analytes), accuracy, baseline_accuracy (both of all queries), best_possible (of
--   the search), share_of_possible (accuracy of best possible), relative_gain (over the baseline), share_closed (of the
--   "remaining possible annotations", as the paper calls the gap between the baseline and the best possible).
CREATE OR REPLACE MACRO gap_closed(search, baseline, at_k := 1, truth := 'known_analytes') AS TABLE
WITH pairs AS (
    SELECT
        'spectra' AS averaged_over,
        a.accuracy_of_all AS accuracy,
        b.accuracy_of_all AS baseline_accuracy,
        a.best_possible
    FROM top_k_accuracy(search, at_k := at_k, truth := truth) AS a
    CROSS JOIN top_k_accuracy(baseline, at_k := at_k, truth := truth) AS b
    UNION ALL
    SELECT 'analytes', a.accuracy_of_all, b.accuracy_of_all, a.best_possible
    FROM top_k_accuracy_by_analyte(search, at_k := at_k, truth := truth) AS a
    CROSS JOIN top_k_accuracy_by_analyte(baseline, at_k := at_k, truth := truth) AS b
)
SELECT
    averaged_over,
    accuracy,
    baseline_accuracy,
    best_possible,
    accuracy / nullif(best_possible, 0) AS share_of_possible,
    relative_change(accuracy, baseline_accuracy) AS relative_gain,
    share_closed(accuracy, baseline_accuracy, best_possible) AS share_closed
FROM pairs;
COMMENT ON MACRO TABLE gap_closed IS
    'Share of the annotations still possible after a baseline search that another search makes, per spectrum and per '
    'analyte';
