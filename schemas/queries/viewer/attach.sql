-- Open the lab that was given to the page; unqualified names then mean its tables, views and macros. Nothing else
-- is read: extensions would be fetched from elsewhere.
-- Inputs: the file lab.duckdb, as the page registers it. Parameters: none. Columns: none.
ATTACH 'lab.duckdb' AS lab (READ_ONLY);
USE lab;
SET autoload_known_extensions = false;
SET autoinstall_known_extensions = false;
