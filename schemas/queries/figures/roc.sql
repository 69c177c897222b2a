-- The ROC curve of a search, thinned to what a picture shows.
-- Inputs: what the macro roc_curve reads. Parameters: $search. Columns: threshold, tpr, fpr; no rows without right and
--   wrong first hits.
SELECT threshold, tpr, fpr
FROM roc_curve($search)
WHERE tpr IS NOT NULL AND fpr IS NOT NULL
QUALIFY
    row_number() OVER (PARTITION BY round(tpr * 200), round(fpr * 200) ORDER BY threshold DESC) = 1
    OR threshold = min(threshold) OVER ()
ORDER BY threshold DESC;
