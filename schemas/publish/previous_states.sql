-- Which state of the record each table of the file published before shows.
-- Inputs: previous.publications. Parameters: none. Columns: table_name, state, sources.
SELECT table_name, state, sources FROM previous.publications;
