-- The models whose vectors a lab has.
-- Inputs: models. Parameters: none. Columns: name, kind, dimension, fingerprint (its first 12 characters), created.
SELECT name, kind, dimension, left(fingerprint, 12) AS fingerprint, created
FROM models
ORDER BY name;
