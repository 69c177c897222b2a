-- Whether structures of a library's analytes have a place among the vectors of spectra.
-- Inputs: spectra, analytes. Parameters: $library. Columns: is_placed.
SELECT count(*) > 0 AS is_placed
FROM spectra
INNER JOIN analytes USING (analyte_id)
WHERE spectra.collection = $library AND analytes.structure_embedding_analogue IS NOT NULL;
