-- Note which states of the record tables show.
-- Inputs: publications. Parameters: $table_names, $states and $sources, lists of one length; $published. Columns: of
-- publications.
INSERT OR REPLACE INTO publications BY NAME
SELECT
    unnest($table_names) AS table_name,
    unnest($states) AS state,
    $published AS published,
    unnest($sources) AS sources;
