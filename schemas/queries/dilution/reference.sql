-- The analytes that searches agree on in undiluted samples: a reference set where the truth is not known.
-- Inputs: search_queries, hits. Parameters: $searches: list of search_ids of one study; $column: what tells the
-- dilution, as per of search_queries; $undiluted: its value in undiluted samples; $score, $matched_peaks: least of a
-- first hit that counts; $runs: least number of runs in which each search finds an analyte. Columns: analyte_id.
WITH found AS (
    SELECT hits.search_id, hits.analyte_id, count(DISTINCT queries.run_id) AS n_runs
    FROM search_queries($searches[1], per := $column) AS queries
    INNER JOIN hits ON hits.query_id = queries.query_id
    WHERE queries.part = $undiluted
        AND hits.rank = 1
        AND list_contains($searches, hits.search_id)
        AND hits.score >= $score::FLOAT
        AND hits.matched_peaks >= $matched_peaks
    GROUP BY ALL
)
SELECT analyte_id
FROM found
WHERE n_runs >= $runs
GROUP BY analyte_id
HAVING count(*) = len($searches)
ORDER BY analyte_id;
