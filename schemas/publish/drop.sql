-- Drop a table that is to be filled anew.
-- Inputs: {table_name}. Parameters: {table_name}. Columns: none.
DROP TABLE IF EXISTS {table_name};
