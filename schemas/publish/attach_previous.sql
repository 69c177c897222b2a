-- Open the file published before, to copy the tables that have not changed.
-- Inputs: none. Parameters: {path}, the file. Columns: none.
ATTACH {path} AS previous (READ_ONLY);
