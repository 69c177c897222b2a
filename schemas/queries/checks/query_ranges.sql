-- Ranges of ids that divide the queries of a search into parts of equal size, for searching them apart.
-- Inputs: spectra. Parameters: $study, $n_ranges (as many as there are queries at most), $contributors (NULL: all).
-- Columns: first_id, last_id; ordered.
SELECT min(id) AS first_id, max(id) AS last_id
FROM (
    SELECT id, ntile($n_ranges::INTEGER) OVER (ORDER BY id) AS part
    FROM collection_spectra($study, contributors := $contributors::VARCHAR[])
)
GROUP BY part
ORDER BY first_id;
