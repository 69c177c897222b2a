-- No progress bars on this connection: DuckDB prints them to the standard output, also where that is a file.
-- Inputs: none. Parameters: none. Columns: none.
SET enable_progress_bar = false;
