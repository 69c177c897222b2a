-- Fill import_log with what finished imports did.
-- Inputs: record_import_log, imports. Parameters: none. Columns: of import_log.
INSERT INTO import_log BY NAME
SELECT DISTINCT log.*
FROM record_import_log AS log
SEMI JOIN imports USING (import_id)
ORDER BY import_id, file_name, outcome, reason;
