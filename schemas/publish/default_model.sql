-- The model that the lab's "default" vectors come from.
-- Inputs: properties. Parameters: none. Columns: value.
SELECT value FROM properties WHERE name = 'default_model';
