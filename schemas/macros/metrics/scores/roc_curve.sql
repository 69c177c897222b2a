-- The ROC curve of a search: do its scores tell right first hits from wrong ones?
--
-- Inputs: search_truth, roc_points.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: threshold (first row: infinity), true_positives, false_positives, tpr, fpr.
--
-- As in the paper's Figure 8, every query with a candidate takes part: one whose analyte is not in reach counts as a
-- false positive.
CREATE OR REPLACE MACRO roc_curve(search, truth := 'known_analytes') AS TABLE
WITH first_hits AS (
    SELECT score, correct FROM search_truth(search, truth := truth) WHERE score IS NOT NULL
)
FROM roc_points('first_hits');
COMMENT ON MACRO TABLE roc_curve IS 'True against false positive rate of the first hits of a search, at every score';
