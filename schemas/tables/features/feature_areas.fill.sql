-- Fill feature_areas with those of the table that was imported last into each study.
-- By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_feature_areas. Parameters: none. Columns: of feature_areas.
INSERT INTO feature_areas BY NAME
SELECT *
FROM record_feature_areas
QUALIFY rank() OVER (PARTITION BY study ORDER BY created DESC) = 1
ORDER BY study, feature_id, run;
