-- How alike what a search for analogues found is to molecules that the library lacks: a row for each method, ion mode
-- and molecule that was asked for, the mean over its queries.
--
-- Inputs: the relation.
-- Parameters: answers: a relation with method, query_id, query_analyte_id, ion_mode, rank, tanimoto_morgan,
--   tanimoto_rdkit (similarity of what was found to the query's own molecule) and mces (distance to it; NULL: not
--   computed); at_k: how many ranks the best is sought among.
-- Columns: method, ion_mode, query_analyte_id, n_queries, first_morgan, first_rdkit (of the first answer), best_morgan,
--   best_rdkit (highest of the first k), share_half, share_six (share of queries whose first answer has a Tanimoto
--   similarity of at least 0.5 and 0.6, by Morgan fingerprints), first_mces, best_mces (lowest of the first k).
CREATE OR REPLACE MACRO analogue_terms(answers, at_k := 10) AS TABLE
WITH per_query AS (
    SELECT
        method,
        ion_mode,
        query_analyte_id,
        query_id,
        max(tanimoto_morgan) FILTER (rank = 1) AS first_morgan,
        max(tanimoto_rdkit) FILTER (rank = 1) AS first_rdkit,
        max(tanimoto_morgan) AS best_morgan,
        max(tanimoto_rdkit) AS best_rdkit,
        max(mces) FILTER (rank = 1) AS first_mces,
        min(mces) AS best_mces
    FROM query_table(answers)
    WHERE rank <= at_k
    GROUP BY ALL
)
SELECT
    method,
    ion_mode,
    query_analyte_id,
    count(*) AS n_queries,
    avg(first_morgan) AS first_morgan,
    avg(first_rdkit) AS first_rdkit,
    avg(best_morgan) AS best_morgan,
    avg(best_rdkit) AS best_rdkit,
    avg((first_morgan >= 0.5)::INTEGER) AS share_half,
    avg((first_morgan >= 0.6)::INTEGER) AS share_six,
    avg(first_mces) AS first_mces,
    avg(best_mces) AS best_mces
FROM per_query
GROUP BY ALL
ORDER BY ALL;
COMMENT ON MACRO TABLE analogue_terms IS
    'Similarity of the analogues found to each molecule that was asked for, by method and ion mode';
