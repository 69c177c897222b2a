-- Fill models with those whose vectors are published.
-- Inputs: record_models, spectra (with its embedding columns). Parameters: none. Columns: of models.
INSERT INTO models BY NAME
SELECT record_models.*
FROM record_models
WHERE 'embedding_' || record_models.name IN (SELECT shown.name FROM pragma_table_info('spectra') AS shown)
ORDER BY record_models.name;
