-- The columns of the sample table that may colour a picture: the group of the design, what was predicted or compared,
-- the sample's type.
-- Inputs: sample_labels, sample_predictions, group_markers. Parameters: $study.
-- Columns: name, n_values; only columns with two values or more, the best first.
WITH targets AS (
    SELECT regexp_extract(target, '^[^<>=!]+') AS name, max(created) AS created
    FROM (
        SELECT target, created FROM sample_predictions WHERE study = $study
        UNION ALL
        SELECT target, created FROM group_markers WHERE study = $study
    )
    GROUP BY ALL
)
SELECT labels.name, count(DISTINCT labels.value) AS n_values
FROM sample_labels AS labels
LEFT JOIN targets ON trim(targets.name) = labels.name
WHERE
    labels.study = $study
    AND (labels.name IN ('sample_group', 'sample_type') OR targets.name IS NOT NULL)
GROUP BY labels.name
HAVING n_values > 1
ORDER BY labels.name <> 'sample_group', labels.name = 'sample_type', max(targets.created) DESC, labels.name;
