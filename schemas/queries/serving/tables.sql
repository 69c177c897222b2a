-- The tables and views of the lab with their columns, and what they are.
-- Inputs: none. Parameters: none. Columns: name, kind (table or view), comment, columns (a list of name, type and
--   comment); by name.
SELECT
    described.name,
    described.kind,
    described.comment,
    list({name: c.column_name, type: c.data_type, comment: c.comment} ORDER BY c.column_index) AS columns
FROM (
    SELECT table_name AS name, 'table' AS kind, comment
    FROM duckdb_tables()
    WHERE database_name = 'lab' AND schema_name = 'main'
    UNION ALL
    SELECT view_name AS name, 'view' AS kind, comment
    FROM duckdb_views()
    WHERE database_name = 'lab' AND schema_name = 'main' AND NOT internal
) AS described
INNER JOIN duckdb_columns() AS c
    ON c.database_name = 'lab' AND c.schema_name = 'main' AND c.table_name = described.name
GROUP BY described.name, described.kind, described.comment
ORDER BY described.name;
