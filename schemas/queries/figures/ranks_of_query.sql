-- Which spectra a name of a query may mean, and how many candidates each has: why there is nothing to draw.
-- Inputs: spectra, searches, hits. Parameters: $query: spectrum_id as text, native_id, or run/native_id;
--   $search, a search_id (NULL: all).
-- Columns: collection, native_id, n_candidates (0: answered by none of these searches).
SELECT q.collection, q.native_id, coalesce(max(hits.rank), 0) AS n_candidates
FROM spectra AS q
LEFT JOIN hits ON hits.query_id = q.spectrum_id AND (hits.search_id = $search OR $search IS NULL)
WHERE (
        q.spectrum_id::VARCHAR = $query
        OR q.native_id = $query
        OR ends_with('/' || q.run_id || '/' || q.native_id, '/' || $query)
    )
    AND (
        $search IS NULL
        OR q.collection IN (SELECT searches.study FROM searches WHERE searches.search_id = $search)
    )
GROUP BY q.collection, q.native_id, q.spectrum_id
ORDER BY q.collection, q.native_id;
