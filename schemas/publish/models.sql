-- Fill models from the record.
-- Inputs: record_models. Parameters: none. Columns: of models.
INSERT INTO models BY NAME SELECT * FROM record_models ORDER BY name;
