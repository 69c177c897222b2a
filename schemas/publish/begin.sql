-- Begin a new file to publish, in a storage version that DuckDB 1.5 and 2.0 both read, and the one transaction that
-- fills it: a commit for each of its hundreds of statements would wait for the disk each time.
-- Inputs: none. Parameters: {path}, the new file. Columns: none.
ATTACH {path} AS lab (STORAGE_VERSION 'v1.5.0');
USE lab;
BEGIN TRANSACTION;
