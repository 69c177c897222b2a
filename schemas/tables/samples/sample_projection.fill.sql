-- Fill sample_projection with the latest projection of each kind.
-- By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_sample_projection. Parameters: none. Columns: of sample_projection.
INSERT INTO sample_projection BY NAME
SELECT *
FROM record_sample_projection
QUALIFY rank() OVER (PARTITION BY study, method, model, level, blanks_subtracted, projection ORDER BY created DESC) = 1
ORDER BY study, method, model, level, blanks_subtracted, projection, unit_id;
