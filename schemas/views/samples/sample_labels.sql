-- Everything the sample table says of a run or sample, in long form: what can be predicted, compared or coloured by.
-- Inputs: runs, samples. Parameters: none. Columns: study, level (run or sample), unit_id, name, value, number (NULL
-- where the value is none), is_control (a blank, QC or pool by its sample type, in any case). Runs also have their own
-- columns ion_mode, chromatography, dilution and further columns of the table, which may differ among the runs of a
-- sample, and sample_id; is_control is a column like the others as well. Columns are qualified throughout: inside a
-- macro, a view's bare `study` would be taken for
-- the macro's parameter.
CREATE OR REPLACE VIEW sample_labels AS
WITH of_samples AS (
    SELECT sample_id, 'name' AS name, samples.name AS value FROM samples
    UNION ALL
    SELECT sample_id, 'sample_type', sample_type FROM samples
    UNION ALL
    SELECT sample_id, 'sample_group', sample_group FROM samples
    UNION ALL
    SELECT sample_id, 'dilution', dilution::VARCHAR FROM samples
    UNION ALL
    SELECT
        samples.sample_id,
        'is_control',
        regexp_matches(lower(coalesce(sample_type, '')), 'blank|qc|quality control|pool')::VARCHAR
    FROM samples
    UNION ALL
    SELECT sample_id, entry.key, entry.value
    FROM (SELECT m.sample_id, unnest(map_entries(m.metadata)) AS entry FROM samples AS m)
),
of_runs AS (
    SELECT run_id, 'ion_mode' AS name, ion_mode AS value FROM runs
    UNION ALL
    SELECT run_id, 'chromatography', chromatography FROM runs
    UNION ALL
    SELECT run_id, 'sample_id', sample_id FROM runs
    UNION ALL
    SELECT run_id, 'dilution', dilution::VARCHAR FROM runs WHERE dilution IS NOT NULL
    UNION ALL
    SELECT run_id, entry.key, entry.value
    FROM (SELECT r.run_id, unnest(map_entries(r.metadata)) AS entry FROM runs AS r)
),
labels AS (
    SELECT 'sample' AS level, sample_id AS unit_id, of_samples.name, value, sample_id FROM of_samples
    UNION ALL
    SELECT 'run', runs.run_id, of_samples.name, of_samples.value, sample_id
    FROM of_samples
    INNER JOIN runs USING (sample_id)
    ANTI JOIN of_runs ON of_runs.run_id = runs.run_id AND of_runs.name = of_samples.name
    UNION ALL
    SELECT 'run', run_id, of_runs.name, value, sample_id FROM of_runs INNER JOIN runs USING (run_id)
)
SELECT
    samples.study,
    labels.level,
    labels.unit_id,
    labels.name,
    labels.value,
    as_number(labels.value) AS number,
    coalesce(regexp_matches(lower(samples.sample_type), 'blank|qc|quality control|pool'), false) AS is_control
FROM labels
INNER JOIN samples USING (sample_id)
WHERE labels.value IS NOT NULL;
COMMENT ON VIEW sample_labels IS 'One row per run or sample and column of its sample table';
COMMENT ON COLUMN sample_labels.study IS 'Name of the study';
COMMENT ON COLUMN sample_labels.level IS 'run or sample';
COMMENT ON COLUMN sample_labels.unit_id IS 'run_id or sample_id, as level says';
COMMENT ON COLUMN sample_labels.name IS 'Name of the column';
COMMENT ON COLUMN sample_labels.value IS 'Its value as text';
COMMENT ON COLUMN sample_labels.number IS 'Its value as a number; NULL where it is none';
COMMENT ON COLUMN sample_labels.is_control IS 'Whether the sample is a blank, QC or pool by its sample type';
