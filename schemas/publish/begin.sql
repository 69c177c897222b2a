-- Begin a new file to publish, in the storage version that all DuckDB clients since 1.0 read, and the one transaction
-- that fills it: a commit for each of its hundreds of statements would wait for the disk each time.
-- Inputs: none. Parameters: {path}, the new file. Columns: none.
ATTACH {path} AS lab (STORAGE_VERSION 'v1.0.0');
USE lab;
BEGIN TRANSACTION;
