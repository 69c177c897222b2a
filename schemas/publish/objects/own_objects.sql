-- The views and macros of the file, which are made anew where their SQL changed.
-- Inputs: none. Parameters: none. Columns: kind (view, macro or table_macro), name.
SELECT 'view' AS kind, view_name AS name
FROM duckdb_views()
WHERE database_name = 'lab' AND schema_name = 'main' AND NOT internal
UNION
SELECT function_type, function_name
FROM duckdb_functions()
WHERE database_name = 'lab' AND schema_name = 'main' AND function_type IN ('macro', 'table_macro') AND NOT internal
ORDER BY ALL;
