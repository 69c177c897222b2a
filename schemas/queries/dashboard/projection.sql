-- Runs and samples in the plane, near each other where their spectra are alike: the tile "Projection" of the dashboard.
-- Inputs: projection_points. Parameters: none.
-- Columns: study, drawing (study and how the points were made), level, projection, unit_id, sample, sample_type,
--   sample_group ("not stated" where the sample table does not), x, y.
SELECT
    study,
    concat_ws(
        ', ',
        concat(study, ': ', projection),
        concat(level, 's'),
        method,
        model,
        CASE WHEN blanks_subtracted THEN 'blanks subtracted' END
    ) AS drawing,
    level,
    projection,
    unit_id,
    name AS sample,
    coalesce(sample_type, 'not stated') AS sample_type,
    coalesce(sample_group, 'not stated') AS sample_group,
    x,
    y
FROM projection_points
ORDER BY study, drawing, unit_id;
