-- Which state of the record each table of the file published before shows.
-- Inputs: previous.publications. Parameters: none. Columns: table_name, state.
SELECT table_name, state FROM previous.publications;
