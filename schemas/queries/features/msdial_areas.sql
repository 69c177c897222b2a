-- The areas of a feature table, each with the run of the study that it is of.
-- Inputs: msdial_features, runs. Parameters: $file, its path; $study.
-- Columns: feature_id, run, run_id (NULL: the study has no run of that name), column_name, area, precursor_mz (m/z),
--   retention_time_s, ion_mobility, ccs.
SELECT
    stated.feature_id,
    stated.run,
    runs.run_id,
    stated."file" AS column_name,
    stated.area,
    stated.precursor_mz,
    stated.retention_time_s,
    stated.ion_mobility,
    stated.ccs
FROM msdial_features($file) AS stated
LEFT JOIN runs ON runs.collection = $study AND runs.name = stated.run
ORDER BY stated.feature_id, stated.run;
