-- The area under the ROC curve of scored first hits.
-- Inputs: scored, a relation with score and correct. Parameters: none. Columns: n_true, n_false, auc.
FROM roc_area('scored');
