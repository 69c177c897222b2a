-- Write a table to a tab-separated file.
-- Inputs: {table}. Parameters: {table}; {path}, the file. Columns: of the table.
COPY (FROM {table}) TO {path} (FORMAT csv, DELIMITER '\t', HEADER);
