-- The studies that have areas of features.
-- Inputs: feature_areas. Parameters: none. Columns: study.
SELECT DISTINCT study FROM feature_areas ORDER BY study;
