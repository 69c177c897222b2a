-- Write a table to a Parquet, CSV or JSON file, as its suffix says.
-- Inputs: {table}. Parameters: {table}; {path}, the file. Columns: of the table.
COPY (FROM {table}) TO {path};
