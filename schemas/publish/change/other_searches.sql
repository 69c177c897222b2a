-- The searches whose hits are taken out or come: searches that finished, that were removed, or that were done again.
-- Inputs: searches (as they are now), previous_searches (as they were), record_hits (search_id of parts of the record
-- that are new or changed). Parameters: none. Columns: search_id.
CREATE OR REPLACE TEMP TABLE other_searches AS
SELECT search_id FROM (
    (
        SELECT search_id, finished FROM searches
        EXCEPT
        SELECT search_id, finished FROM previous_searches
    )
    UNION
    (
        SELECT search_id, finished FROM previous_searches
        EXCEPT
        SELECT search_id, finished FROM searches
    )
)
UNION
SELECT search_id FROM record_hits;
