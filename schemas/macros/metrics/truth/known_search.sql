-- A search_id as it is, where the lab has such a search; else an error: a metric of a misspelt search is no figure.
--
-- Inputs: searches.
-- Parameters: search: a search_id; NULL stays NULL.
-- Columns: none, a scalar: the search_id.
CREATE OR REPLACE MACRO known_search(search) AS (
    SELECT CASE
        WHEN search IS NULL OR coalesce(bool_or(search_id = search), false) THEN search
        ELSE error(concat(
            'the lab has no search ''', search, '''',
            '; the nearest name is ''' || arg_max(search_id, jaro_winkler_similarity(search_id, search)) || '''',
            '. See: SELECT search_id FROM searches'
        ))
    END
    FROM searches
);
COMMENT ON MACRO known_search IS 'Internal: the search_id, where the lab has such a search; an error where it has not';
