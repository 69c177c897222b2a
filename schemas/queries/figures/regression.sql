-- What one method of a regression said of each run or sample, beside what was true.
-- Inputs: sample_predictions. Parameters: $job, $method, $estimator.
-- Columns: unit_id, truth, predicted (mean over the repeats).
SELECT unit_id, any_value(truth_number) AS truth, avg(predicted_number) AS predicted
FROM sample_predictions
WHERE job = $job AND method = $method AND estimator = $estimator AND task = 'regression'
GROUP BY unit_id
ORDER BY unit_id;
