-- The scalar functions that the engine knows, its own and those registered by programs.
-- Inputs: none. Parameters: none. Columns: function_name.
SELECT DISTINCT function_name FROM duckdb_functions() WHERE database_name = 'system' AND function_type = 'scalar';
