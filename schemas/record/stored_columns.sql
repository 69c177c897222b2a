-- The columns of a table that the record stores: all but those computed when published.
-- Inputs: the table, created in this connection. Parameters: $table_name. Columns: column_name, in order.
SELECT column_name
FROM duckdb_columns()
WHERE table_name = $table_name AND NOT coalesce(comment LIKE 'Computed%', false)
ORDER BY column_index;
