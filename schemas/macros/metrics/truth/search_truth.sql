-- Every query of a search whose analyte is known, beside what the search answered: the ground on which accuracies
-- stand.
--
-- Inputs: searches, hits, spectra, and the truth.
-- Parameters: search: a search_id; truth: name of a relation with query_id and analyte_id, at most one row per query
--   (rows without query_id, which say what a sample holds, are passed over); must_know: whether it is an error that the
--   truth tells of none of the queries; false: then there is no row.
-- Columns: query_id, analyte_id (the truth), n_candidate_analytes (0 when the window was empty), answerable (the right
--   analyte has a library spectrum of the same ion mode within the search's ppm, if it has one, that the query was
--   allowed to meet), rank_of_truth (NULL when not among the first k), top_analyte_id, score, score_gap (those of the
--   first hit), score_of_truth, correct (it is the first).
--
-- Where the search left out the query's own contributor, the same spectra are left out here: those of its contributor,
-- copies of it, and itself; where it left out copies, copies of it, and itself. Two spectra without a contributor count
-- as of one contributor. The hits are read twice rather than kept: with LIMIT behind it, DuckDB 2.0.0 waits for ever
-- for a kept common table that two joins read.
CREATE OR REPLACE MACRO search_truth(search, truth := 'known_analytes', must_know := true) AS TABLE
WITH told AS (
    SELECT *
    FROM (
        SELECT NULL::BIGINT AS query_id, NULL::VARCHAR AS analyte_id
        WHERE false
        UNION ALL BY NAME
        FROM query_table(truth)
    )
    WHERE query_id IS NOT NULL
),
job AS (
    SELECT * FROM searches WHERE search_id = search
),
queries AS NOT MATERIALIZED (
    SELECT asked.* EXCLUDE (n_known)
    FROM (
        SELECT q.*, told.analyte_id, count(told.analyte_id) OVER () AS n_known
        FROM search_queries(search) AS q
        LEFT JOIN told ON told.query_id = q.query_id
    ) AS asked
    WHERE CASE
            WHEN must_know AND n_known = 0 THEN
                error(concat(
                    'what the queries of search ''',
                    search,
                    ''' are is not told by ',
                    truth,
                    ': without a truth there is no accuracy. ',
                    'Import the study with structures or keys, or name a relation with query_id and analyte_id as truth'
                ))
            ELSE asked.analyte_id IS NOT NULL
        END
),
reachable AS (
    SELECT DISTINCT q.query_id
    FROM queries AS q
    CROSS JOIN job
    INNER JOIN spectra AS l
        ON l.collection = job.library
        AND l.analyte_id = q.analyte_id
        AND l.ion_mode = q.ion_mode
        AND (job.ppm IS NULL OR abs(l.precursor_mz - q.precursor_mz) <= q.precursor_mz * job.ppm * 1e-6)
    WHERE job.left_out IS NULL
        OR (
            (job.left_out = 'copies' OR l.contributor IS DISTINCT FROM q.contributor)
            AND l.peaks_hash <> q.peaks_hash
            AND l.spectrum_id <> q.query_id
        )
),
of_search AS NOT MATERIALIZED (
    SELECT query_id, rank, analyte_id, score, score_gap, n_candidate_analytes FROM hits WHERE search_id = search
)
SELECT
    q.query_id,
    q.analyte_id,
    coalesce(top.n_candidate_analytes, 0) AS n_candidate_analytes,
    reachable.query_id IS NOT NULL AS answerable,
    hit.rank AS rank_of_truth,
    top.analyte_id AS top_analyte_id,
    top.score,
    top.score_gap,
    hit.score AS score_of_truth,
    coalesce(hit.rank = 1, false) AS correct
FROM queries AS q
LEFT JOIN reachable ON reachable.query_id = q.query_id
LEFT JOIN of_search AS top ON top.query_id = q.query_id AND top.rank = 1
LEFT JOIN of_search AS hit ON hit.query_id = q.query_id AND hit.analyte_id = q.analyte_id;
COMMENT ON MACRO TABLE search_truth IS
    'Every query of a search whose analyte is known: what it is, whether that could be found, and what was found '
    'instead';
