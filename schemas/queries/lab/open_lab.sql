-- Open a published lab for reading; unqualified names then mean its tables, views and macros.
-- Inputs: none. Parameters: {path}, the lab.duckdb file. Columns: none.
ATTACH {path} AS lab (READ_ONLY);
USE lab;
