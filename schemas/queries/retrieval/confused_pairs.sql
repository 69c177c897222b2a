-- Pairs of an analyte and a wrong answer among the first k of a search that does not hold the right one there.
-- Inputs: search_truth, hits, analytes. Parameters: $search, a search_id; $at_k, how many ranks count.
-- Columns: analyte_a, analyte_b (in the order of the alphabet, every pair once), smiles_a, smiles_b (NULL without a
--   structure).
WITH pairs AS (
    SELECT DISTINCT
        least(wrong.analyte_id, hits.analyte_id) AS analyte_a,
        greatest(wrong.analyte_id, hits.analyte_id) AS analyte_b
    FROM search_truth($search) AS wrong
    INNER JOIN hits ON hits.query_id = wrong.query_id
    WHERE hits.search_id = $search AND hits.rank <= $at_k AND coalesce(wrong.rank_of_truth > $at_k, true)
)

SELECT analyte_a, analyte_b, a.smiles AS smiles_a, b.smiles AS smiles_b
FROM pairs
LEFT JOIN analytes AS a ON a.analyte_id = analyte_a
LEFT JOIN analytes AS b ON b.analyte_id = analyte_b
ORDER BY analyte_a, analyte_b;
