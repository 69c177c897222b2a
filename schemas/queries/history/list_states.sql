-- The states of libraries and studies that are kept by name.
-- Inputs: kept_states, collection_states, searches. Parameters: none.
-- Columns: name, collection, n_spectra, record_version, kept, is_present (whether the collection is in that state now),
--   searches (names of those that compared it), state. By name.
SELECT
    kept_states.name,
    kept_states.collection,
    kept_states.n_spectra,
    record_version,
    kept,
    kept_states.state = present.state AS is_present,
    (
        SELECT coalesce(list(search_id ORDER BY search_id), [])
        FROM searches
        WHERE library = kept_states.collection AND library_state = kept_states.state
            OR study = kept_states.collection AND study_state = kept_states.state
    ) AS searches,
    kept_states.state
FROM kept_states
LEFT JOIN collection_states AS present ON present.collection = kept_states.collection
ORDER BY name;
