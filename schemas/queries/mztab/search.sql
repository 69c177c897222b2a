-- A search, as the head of an mzTab names it.
-- Inputs: searches, libraries. Parameters: $search.
-- Columns: search_id, study, library, method, model, ppm, record_version, calibration_id, finished, spectradb_version;
--   origin and licence of the library.
SELECT
    searches.search_id,
    searches.study,
    searches.library,
    searches.method,
    searches.model,
    searches.ppm,
    searches.record_version,
    searches.calibration_id,
    searches.finished,
    searches.spectradb_version,
    libraries.origin,
    libraries.licence
FROM searches
LEFT JOIN libraries ON libraries.name = searches.library
WHERE searches.search_id = $search;
