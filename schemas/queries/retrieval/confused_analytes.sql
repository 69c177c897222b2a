-- Analytes that a search takes for another one, and those that it takes them for.
-- Inputs: search_truth, analytes. Parameters: $search, a search_id. Columns: analyte_id, smiles (NULL without a
--   structure).
SELECT analyte_id, smiles
FROM (
    SELECT DISTINCT unnest([analyte_id, top_analyte_id]) AS analyte_id
    FROM search_truth($search)
    WHERE top_analyte_id <> analyte_id AND answerable
)
LEFT JOIN analytes USING (analyte_id)
ORDER BY analyte_id;
