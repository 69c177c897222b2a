-- The tables and views of a lab, and what each column says.
-- Inputs: DuckDB's own lists. Parameters: none. Columns: relation (with its schema where that is not main), kind
--   (table or view), comment, n_rows (about; NULL: a view), column_name, data_type, column_comment; a row for each
--   column.
WITH relations AS (
    SELECT schema_name, table_name AS relation, 'table' AS kind, comment, estimated_size AS n_rows
    FROM duckdb_tables()
    WHERE database_name = current_database() AND NOT internal
    UNION ALL
    SELECT schema_name, view_name, 'view', comment, NULL
    FROM duckdb_views()
    WHERE database_name = current_database() AND NOT internal
)
SELECT
    CASE WHEN r.schema_name = 'main' THEN r.relation ELSE r.schema_name || '.' || r.relation END AS relation,
    r.kind,
    r.comment,
    r.n_rows,
    c.column_name,
    c.data_type,
    c.comment AS column_comment
FROM relations AS r
INNER JOIN duckdb_columns() AS c
    ON c.database_name = current_database() AND c.schema_name = r.schema_name AND c.table_name = r.relation
ORDER BY r.schema_name <> 'main', r.kind DESC, relation, c.column_index;
