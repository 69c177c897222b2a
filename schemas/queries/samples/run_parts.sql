-- The acquisition modes of a study: the combinations of values that its runs have in some columns.
-- Inputs: sample_labels. Parameters: $study; $by, names of columns. Columns: part (the values), filters (columns and
-- values), n (runs). Blanks, QC and pools do not count, nor runs without a value in one of the columns.
WITH runs_by AS (
    SELECT
        unit_id,
        string_agg(value, ', ' ORDER BY list_position($by::VARCHAR[], name)) AS part,
        list({name: name, value: value} ORDER BY list_position($by::VARCHAR[], name)) AS filters
    FROM sample_labels
    WHERE study = $study AND level = 'run' AND NOT is_control AND list_contains($by::VARCHAR[], name)
    GROUP BY unit_id
    HAVING count(*) = len($by::VARCHAR[])
)
SELECT part, any_value(filters) AS filters, count(*) AS n
FROM runs_by
GROUP BY part
ORDER BY part;
