-- The runs of the study of a search, to choose from.
-- Inputs: runs, searches. Parameters: $search. Columns: run_id, run (its name).
SELECT runs.run_id, runs.name AS run
FROM runs
INNER JOIN searches ON searches.study = runs.collection
WHERE searches.search_id = $search
ORDER BY runs.name, runs.run_id;
