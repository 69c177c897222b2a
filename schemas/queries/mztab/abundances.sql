-- How much of the features of answered queries there is in the runs of a search, by the feature table of its study.
-- Inputs: hits, spectra, searches, feature_areas. Parameters: $search.
-- Columns: query_id, feature_id, run_id, area; no row: not measured there.
SELECT queries.spectrum_id AS query_id, areas.feature_id, areas.run_id, areas.area
FROM searches
INNER JOIN hits ON hits.search_id = searches.search_id AND hits.rank = 1
INNER JOIN spectra AS queries ON queries.spectrum_id = hits.query_id
INNER JOIN feature_areas AS areas ON areas.study = searches.study AND areas.feature_id = queries.feature_id
WHERE searches.search_id = $search AND areas.run_id IS NOT NULL
ORDER BY query_id, areas.run_id;
