-- The projections of a study, each point with what one column of the sample table says of it.
-- Inputs: sample_projection, sample_labels. Parameters: $study; $group, name of the column (NULL: none).
-- Columns: projection, method, model, level, blanks_subtracted, unit_id, x, y, explained_x, explained_y, label, number
--   (NULL: not told).
SELECT
    p.projection, p.method, p.model, p.level, p.blanks_subtracted, p.unit_id, p.x, p.y, p.explained_x, p.explained_y,
    labels.value AS label,
    labels.number
FROM sample_projection AS p
LEFT JOIN sample_labels AS labels
    ON labels.study = p.study AND labels.level = p.level AND labels.unit_id = p.unit_id AND labels.name = $group
WHERE p.study = $study
ORDER BY p.projection, p.method, p.model, p.level, p.blanks_subtracted, p.unit_id;
