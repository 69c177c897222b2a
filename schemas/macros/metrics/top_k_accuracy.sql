-- How often a search puts the right analyte among its first k, over the queries whose analyte is known.
--
-- Inputs: searches, hits, spectra (the truth is the analyte_id that the study itself gives).
-- Parameters: search: a search_id; at_k: how many ranks count; min_candidates: only queries with at least so many candidate analytes.
-- Columns: search_id, at_k, min_candidates, n_queries (known analyte, enough candidates), n_answerable (the right analyte has a library
--   spectrum of the same ion mode within the search's ppm), n_correct, accuracy (correct of answerable), accuracy_of_all (correct of
--   queries), best_possible (answerable of queries).
CREATE OR REPLACE MACRO top_k_accuracy(search, at_k := 1, min_candidates := 0) AS TABLE
WITH job AS (
    SELECT * FROM searches WHERE search_id = search
),
queries AS (
    SELECT q.spectrum_id, q.analyte_id, q.precursor_mz, q.ion_mode
    FROM spectra AS q
    INNER JOIN job ON q.collection = job.study
    LEFT JOIN hits AS top ON top.search_id = job.search_id AND top.query_id = q.spectrum_id AND top.rank = 1
    WHERE q.analyte_id IS NOT NULL AND coalesce(top.n_candidate_analytes, 0) >= min_candidates
),
answerable AS (
    SELECT DISTINCT q.spectrum_id
    FROM queries AS q
    CROSS JOIN job
    INNER JOIN spectra AS l
        ON l.collection = job.library
        AND l.analyte_id = q.analyte_id
        AND l.ion_mode = q.ion_mode
        AND abs(l.precursor_mz - q.precursor_mz) <= q.precursor_mz * job.ppm * 1e-6
),
correct AS (
    SELECT DISTINCT q.spectrum_id
    FROM queries AS q
    CROSS JOIN job
    INNER JOIN hits
        ON hits.search_id = job.search_id
        AND hits.query_id = q.spectrum_id
        AND hits.analyte_id = q.analyte_id
        AND hits.rank <= at_k
),
counts AS (
    SELECT
        (SELECT count(*) FROM queries) AS n_queries,
        (SELECT count(*) FROM answerable) AS n_answerable,
        (SELECT count(*) FROM correct) AS n_correct
    FROM job
)
SELECT
    search AS search_id,
    at_k AS at_k,
    min_candidates AS min_candidates,
    n_queries,
    n_answerable,
    n_correct,
    n_correct / nullif(n_answerable, 0) AS accuracy,
    n_correct / nullif(n_queries, 0) AS accuracy_of_all,
    n_answerable / nullif(n_queries, 0) AS best_possible
FROM counts;
COMMENT ON MACRO TABLE top_k_accuracy IS
    'Share of answerable queries of a search whose right analyte is among the first k, with the counts behind it';
