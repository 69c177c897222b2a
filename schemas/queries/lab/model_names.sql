-- The models whose vectors the lab holds.
-- Inputs: models. Parameters: none. Columns: name.
SELECT name FROM models ORDER BY name;
