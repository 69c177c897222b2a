-- Count the rows of a table, to compare with the record.
-- Inputs: {table_name}. Parameters: {table_name}. Columns: n.
SELECT count(*) AS n FROM {table_name};
