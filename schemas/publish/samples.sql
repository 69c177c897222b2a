-- Fill samples with those that runs were injected from, as the latest finished import describes them.
-- Inputs: record_samples, imports, runs. Parameters: none. Columns: of samples.
INSERT INTO samples BY NAME
SELECT record_samples.*
FROM record_samples
INNER JOIN imports USING (import_id)
SEMI JOIN runs USING (sample_id)
QUALIFY row_number() OVER (PARTITION BY sample_id ORDER BY finished DESC, import_id) = 1
ORDER BY sample_id;
