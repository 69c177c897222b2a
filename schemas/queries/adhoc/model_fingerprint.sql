-- Which version of a model made the lab's vectors.
-- Inputs: models. Parameters: $model, its name. Columns: fingerprint.
SELECT fingerprint FROM models WHERE name = $model;
