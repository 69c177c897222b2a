-- Searches by models that learned from spectra.
-- Inputs: searches, models. Parameters: $searches: list of search_id. Columns: search_id.
SELECT searches.search_id
FROM searches
INNER JOIN models ON models.name = searches.model AND models.training_data IS NOT NULL
WHERE list_contains($searches, searches.search_id)
ORDER BY searches.search_id;
