-- Note which state of the record a table shows.
-- Inputs: publications. Parameters: $table_name, $state, $published, $sources. Columns: of publications.
INSERT OR REPLACE INTO publications BY NAME
SELECT $table_name AS table_name, $state AS state, $published AS published, $sources AS sources;
