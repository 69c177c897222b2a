-- Fill clusterings with those whose spectra count: the latest of each name.
-- Inputs: record_clusterings, imports. Parameters: none. Columns: of clusterings.
INSERT INTO clusterings BY NAME
SELECT record_clusterings.*
FROM record_clusterings
SEMI JOIN imports USING (import_id)
ORDER BY clustering;
