-- Fill imports from the record.
-- Inputs: record_imports. Parameters: none. Columns: of imports.
INSERT INTO imports BY NAME SELECT * FROM record_imports ORDER BY finished, import_id;
