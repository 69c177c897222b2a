-- What a search reports and what it should report, by part of the study: the counts behind thresholds and Venn
-- diagrams.
--
-- Inputs: search_queries, search_truth, searches, hits, spectra, and the truth.
-- Parameters: search: a search_id; unit: what is counted, see below; per: as for search_queries; truth: see below.
-- Columns: part, item (an analyte_id, or a query_id as text), score (the highest first hit that reports it; NULL when
--   none does), is_true (to report it is right), is_expected (it could have been reported).
--
-- unit analyte (the paper's NIST protocol): what counts are the distinct analytes reported as first hits in a part.
--   Those that the truth says are in the part are right, all others are spurious, also those reported for spectra of
--   which nothing is known. What could be reported are the analytes of the truth that the library has (where
--   contributors were left out: from one that not all queries of the part have).
--   The truth has analyte_id and may have query_id, then the analyte is in the part of that query, or run_id, then it
--   is in the parts of that run; without either it is in the whole study: a table of the analytes in the sample will
--   do. Where a part holds most of the library's analytes, hardly anything can be spurious: count queries there.
-- unit query: what counts are queries. A first hit is right when it is the query's analyte, and spurious when it is
--   another one, also when the right one is not in the library. The truth is as for search_truth.
CREATE OR REPLACE MACRO calls(search, unit := 'analyte', per := 'search', truth := 'known_analytes') AS TABLE
WITH told AS (
    FROM (SELECT NULL::BIGINT AS query_id, NULL::VARCHAR AS run_id, NULL::VARCHAR AS analyte_id WHERE false)
    UNION ALL BY NAME
    FROM query_table(truth)
),
judged AS (
    SELECT query_id, score, answerable, correct FROM search_truth(search, truth := truth) WHERE unit = 'query'
),
queries AS (
    SELECT query_id, run_id, contributor, part FROM search_queries(search, per := per) WHERE part IS NOT NULL
),
job AS (
    SELECT library, left_out FROM searches WHERE search_id = search
),
parts AS (
    SELECT
        part,
        min(coalesce(contributor, '')) AS first_contributor,
        max(coalesce(contributor, '')) AS last_contributor
    FROM queries
    GROUP BY part
),
library AS (
    SELECT
        analyte_id,
        min(coalesce(contributor, '')) AS first_contributor,
        max(coalesce(contributor, '')) AS last_contributor
    FROM spectra
    SEMI JOIN job ON job.library = spectra.collection
    WHERE analyte_id IS NOT NULL AND unit = 'analyte'
    GROUP BY analyte_id
),
told_by_part AS (
    SELECT queries.part, told.analyte_id
    FROM told
    INNER JOIN queries ON queries.query_id = told.query_id
    WHERE unit = 'analyte'
    UNION
    SELECT runs.part, told.analyte_id
    FROM told
    INNER JOIN (SELECT DISTINCT run_id, part FROM queries) AS runs ON runs.run_id = told.run_id
    WHERE told.query_id IS NULL AND unit = 'analyte'
    UNION
    SELECT parts.part, told.analyte_id
    FROM told
    CROSS JOIN parts
    WHERE told.query_id IS NULL AND told.run_id IS NULL AND unit = 'analyte'
),
told_of_parts AS (
    SELECT part, analyte_id
    FROM (
        SELECT parts.part, told_by_part.analyte_id, count(told_by_part.analyte_id) OVER () AS n_told
        FROM parts
        LEFT JOIN told_by_part USING (part)
    )
    WHERE CASE
            WHEN unit = 'analyte' AND n_told = 0 THEN
                error(concat(
                    'what the queries of search ''',
                    search,
                    ''' are is not told by ',
                    truth,
                    ': without a truth there is no metric. ',
                    'Import the study with structures or keys, or name a relation with analyte_id, and query_id or ',
                    'run_id, as truth'
                ))
            ELSE analyte_id IS NOT NULL
        END
),
expected AS (
    SELECT told_of_parts.part, told_of_parts.analyte_id
    FROM told_of_parts
    INNER JOIN parts USING (part)
    INNER JOIN library USING (analyte_id)
    CROSS JOIN job
    WHERE job.left_out IS DISTINCT FROM 'contributor'
        OR least(parts.first_contributor, library.first_contributor)
        <> greatest(parts.last_contributor, library.last_contributor)
),
reported AS (
    SELECT queries.part, hits.analyte_id, max(hits.score) AS score
    FROM hits
    INNER JOIN queries USING (query_id)
    WHERE hits.search_id = search AND hits.rank = 1 AND unit = 'analyte'
    GROUP BY ALL
)
SELECT
    part,
    analyte_id AS item,
    reported.score,
    told_of_parts.analyte_id IS NOT NULL AS is_true,
    expected.analyte_id IS NOT NULL AS is_expected
FROM told_of_parts
FULL JOIN reported USING (part, analyte_id)
LEFT JOIN expected USING (part, analyte_id)
UNION ALL
SELECT queries.part, judged.query_id::VARCHAR, judged.score, judged.correct, judged.answerable
FROM judged
INNER JOIN queries USING (query_id);
COMMENT ON MACRO TABLE calls IS
    'Analytes or queries that a search reports, each judged right or spurious, and those that it should have reported';
