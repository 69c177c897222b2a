-- Count the rows of a table, to compare with the record.
-- Inputs: a table, given by name. Parameters: $table_name. Columns: n.
SELECT count(*) AS n FROM query_table($table_name);
