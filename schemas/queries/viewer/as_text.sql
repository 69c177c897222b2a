-- The rows of a query as text, each value as DuckDB writes it, in the order that the query has.
-- Inputs: what the query reads. Parameters: $query, one SELECT (or DESCRIBE, SHOW, ...); $limit (NULL: all rows).
-- Columns: those of the query.
SELECT COLUMNS(*)::VARCHAR
FROM query($query)
LIMIT $limit::BIGINT; -- noqa: AM09
