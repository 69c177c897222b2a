-- Fill structures with those that some published spectrum has; of spectra that do not say which one, those of their
-- analyte.
-- Inputs: record_structures, spectra. Parameters: none. Columns: of structures.
INSERT INTO structures BY NAME
SELECT DISTINCT ON (structure_id) record_structures.*
FROM record_structures
WHERE
    structure_id IN (SELECT structure_id FROM spectra WHERE structure_id IS NOT NULL)
    OR analyte_id IN (SELECT analyte_id FROM spectra WHERE structure_id IS NULL AND analyte_id IS NOT NULL)
ORDER BY structure_id;
