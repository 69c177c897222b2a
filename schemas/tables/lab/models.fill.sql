-- Fill models with those whose vectors are published.
-- Inputs: record_models, spectra (with its embedding columns). Parameters: none. Columns: of models.
INSERT INTO models BY NAME
SELECT *
FROM record_models
WHERE 'embedding_' || name IN (
    SELECT column_name FROM duckdb_columns() WHERE database_name = 'lab' AND table_name = 'spectra'
)
ORDER BY name;
