-- The confusion matrix of one method of a classification, as the macro gives it.
-- Inputs: what the macro confusion_matrix reads. Parameters: $job, $method, $estimator. Columns: truth, predicted, n,
--   share.
SELECT truth, predicted, n, share
FROM confusion_matrix($job, method := $method, estimator := $estimator);
