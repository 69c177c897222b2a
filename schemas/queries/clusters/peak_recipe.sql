-- How the peaks of a collection were cleaned.
-- Inputs: studies, libraries. Parameters: $collection. Columns: peak_recipe, as JSON; one row.
SELECT peak_recipe FROM studies WHERE name = $collection
UNION ALL
SELECT peak_recipe FROM libraries WHERE name = $collection;
