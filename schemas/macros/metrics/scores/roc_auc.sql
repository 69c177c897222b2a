-- The area under the ROC curve of a search.
--
-- Inputs: search_truth, roc_area.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: search_id, n_true (right first hits), n_false (wrong ones, those of unanswerable queries with them), auc.
CREATE OR REPLACE MACRO roc_auc(search, truth := 'known_analytes') AS TABLE
WITH first_hits AS (
    SELECT score, correct FROM search_truth(search, truth := truth) WHERE score IS NOT NULL
)
SELECT search AS search_id, areas.* FROM roc_area('first_hits') AS areas;
COMMENT ON MACRO TABLE roc_auc IS 'Area under the ROC curve of the first hits of a search';
