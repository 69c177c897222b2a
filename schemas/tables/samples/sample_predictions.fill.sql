-- Fill sample_predictions with the latest of each job.
-- By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_sample_predictions. Parameters: none. Columns: of sample_predictions.
INSERT INTO sample_predictions BY NAME
SELECT *
FROM record_sample_predictions
QUALIFY rank() OVER (PARTITION BY job ORDER BY created DESC) = 1
ORDER BY job, method, estimator, seed, fold, unit_id;
