-- Note which state of the record a table shows.
-- Inputs: publications. Parameters: $table_name, $state, $published. Columns: of publications.
INSERT OR REPLACE INTO publications VALUES ($table_name, $state, $published);
