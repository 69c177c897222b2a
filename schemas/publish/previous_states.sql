-- Which state of the record each table of the file published before shows; nothing is told of a file in a storage
-- version that older clients refuse, so that a new one is built in its place.
-- Inputs: previous.publications. Parameters: none. Columns: table_name, state, sources.
SELECT table_name, state, sources
FROM previous.publications
WHERE EXISTS (
    FROM duckdb_databases() WHERE database_name = 'previous' AND starts_with(tags['storage_version'], 'v1.0.')
);
