-- The sample table in long form: one row per sample and column.
-- Inputs: samples. Parameters: none. Columns: sample_id, study, name, value, number (NULL where the value is none).
CREATE OR REPLACE VIEW sample_metadata AS
SELECT sample_id, study, entry.key AS name, entry.value AS value, as_number(entry.value) AS number
FROM (SELECT sample_id, study, unnest(map_entries(metadata)) AS entry FROM samples);
COMMENT ON VIEW sample_metadata IS 'One row per sample and further column of its sample table, as text and as number';
COMMENT ON COLUMN sample_metadata.name IS 'Name of the column in the sample table';
COMMENT ON COLUMN sample_metadata.value IS 'Its value as text';
COMMENT ON COLUMN sample_metadata.number IS 'Its value as a number; NULL where it is none';
COMMENT ON COLUMN sample_metadata.sample_id IS 'The sample';
COMMENT ON COLUMN sample_metadata.study IS 'Name of the study';
