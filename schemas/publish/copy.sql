-- Copy a table whose part of the record has not changed from the file published before.
-- Inputs: previous.{table_name}. Parameters: {table_name}. Columns: of the table.
INSERT INTO {table_name} BY NAME FROM previous.{table_name};
