-- Fill samples with those of finished imports.
-- Inputs: record_samples, imports. Parameters: none. Columns: of samples.
INSERT INTO samples BY NAME
SELECT record_samples.*
FROM record_samples
SEMI JOIN imports USING (import_id)
ORDER BY sample_id;
