-- The features of a study as the quantification table of feature-based networks of GNPS (FBMN) lists them.
-- Inputs: feature_areas. Parameters: $study.
-- Columns: "row ID", "row m/z", "row retention time" (minutes), column_name, area; a row for each feature and run.
SELECT
    feature_id AS "row ID",
    precursor_mz AS "row m/z",
    retention_time_s / 60 AS "row retention time",
    column_name,
    area
FROM feature_areas
WHERE study = $study
ORDER BY length(feature_id), feature_id, column_name;
