-- Fill sample_embeddings with the latest aggregation of each kind.
-- By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_sample_embeddings. Parameters: none. Columns: of sample_embeddings.
INSERT INTO sample_embeddings BY NAME
SELECT *
FROM record_sample_embeddings
QUALIFY rank() OVER (PARTITION BY study, method, model, level, blanks_subtracted ORDER BY created DESC) = 1
ORDER BY study, method, model, level, blanks_subtracted, unit_id;
