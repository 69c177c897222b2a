-- The models whose vectors a lab has.
-- Inputs: models. Parameters: none. Columns: name, kind, dimension, fingerprint (its first 12 characters), licence
--   (begins with "in house only" where it is not to be passed on), created.
SELECT name, kind, dimension, left(fingerprint, 12) AS fingerprint, licence, created
FROM models
ORDER BY name;
