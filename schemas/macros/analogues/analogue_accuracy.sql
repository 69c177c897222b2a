-- How alike what a search for analogues found is to molecules that the library lacks: means over molecules.
--
-- Inputs: analogue_terms. Parameters: answers, at_k: as for analogue_terms.
-- Columns: method, ion_mode, n_analytes (molecules asked for), n_queries, first_morgan, first_rdkit, best_morgan,
--   best_rdkit, share_half, share_six, first_mces, best_mces: means of those of analogue_terms, every molecule counting
--   once.
CREATE OR REPLACE MACRO analogue_accuracy(answers, at_k := 10) AS TABLE
SELECT
    method,
    ion_mode,
    count(*) AS n_analytes,
    sum(n_queries)::BIGINT AS n_queries,
    avg(first_morgan) AS first_morgan,
    avg(first_rdkit) AS first_rdkit,
    avg(best_morgan) AS best_morgan,
    avg(best_rdkit) AS best_rdkit,
    avg(share_half) AS share_half,
    avg(share_six) AS share_six,
    avg(first_mces) AS first_mces,
    avg(best_mces) AS best_mces
FROM analogue_terms(answers, at_k := at_k)
GROUP BY ALL
ORDER BY ion_mode, first_morgan DESC, method;
COMMENT ON MACRO TABLE analogue_accuracy IS
    'Mean similarity of the analogues found to the molecules that were asked for, by method and ion mode';
