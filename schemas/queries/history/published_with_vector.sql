-- The spectra of a collection that have a vector of a model as they are published: what searches by it compare.
-- Inputs: vectors.<collection>__<model>. Parameters: $collection, $model. Columns: spectrum_id.
SELECT id AS spectrum_id FROM embedded_queries($collection, model := $model);
