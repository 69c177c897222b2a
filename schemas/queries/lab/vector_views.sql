-- The collections that have published vectors, each with the model that made them.
-- Inputs: the schema vectors of the published lab. Parameters: none. Columns: name, as <collection>__<model>.
SELECT view_name AS name FROM duckdb_views() WHERE schema_name = 'vectors' ORDER BY name;
