-- How well a search tells isomers apart, for each analyte and each group of one formula (the paper's Table 3).
--
-- Inputs: per_analyte.
-- Parameters: search: a search_id; min_analytes: least number of isomers in a group; min_spectra: least number of
--   answerable queries of each; at_k: how many ranks count; truth: a relation as for search_truth.
-- Columns: formula, n_analytes (members of the group), analyte_id, name, n_queries, n_answerable, n_correct, accuracy
--   (correct of answerable queries: an isomer that is not in reach cannot be told apart), group_accuracy (mean over the
--   members), group_worst (of the member that fares worst), group_spread (best minus worst: 0 is balanced).
CREATE OR REPLACE MACRO isomer_accuracy(
    search, min_analytes := 2, min_spectra := 1, at_k := 1, truth := 'known_analytes'
) AS TABLE
SELECT
    formula,
    count(*) OVER isomers AS n_analytes,
    analyte_id,
    name,
    n_queries,
    n_answerable,
    n_correct,
    accuracy,
    avg(accuracy) OVER isomers AS group_accuracy,
    min(accuracy) OVER isomers AS group_worst,
    max(accuracy) OVER isomers - min(accuracy) OVER isomers AS group_spread
FROM per_analyte(search, at_k := at_k, truth := truth)
WHERE formula IS NOT NULL AND n_answerable >= greatest(min_spectra, 1)
WINDOW isomers AS (PARTITION BY formula)
QUALIFY count(*) OVER isomers >= min_analytes
ORDER BY formula, analyte_id;
COMMENT ON MACRO TABLE isomer_accuracy IS
    'Accuracy of a search for every member of every group of isomers, and how balanced the group is';
