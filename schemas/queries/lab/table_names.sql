-- Tables and views of the published lab.
-- Inputs: none. Parameters: none. Columns: table_name.
SELECT table_name
FROM information_schema.tables
WHERE table_catalog = 'lab' AND table_schema = 'main'
ORDER BY table_name;
