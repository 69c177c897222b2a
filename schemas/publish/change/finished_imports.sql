-- The imports that count.
-- Inputs: imports. Parameters: none. Columns: import_id.
SELECT import_id FROM imports;
