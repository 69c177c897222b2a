-- The file that the current database is read from, where it is one that nobody writes.
-- Inputs: duckdb_databases(). Parameters: none. Columns: path.
SELECT path FROM duckdb_databases() WHERE database_name = current_database() AND readonly AND path IS NOT NULL;
