-- Fill structures with those of analytes that some published spectrum has.
-- Inputs: record_structures, spectra. Parameters: none. Columns: of structures.
INSERT INTO structures BY NAME
SELECT DISTINCT ON (structure_id) record_structures.*
FROM record_structures
SEMI JOIN spectra USING (analyte_id)
ORDER BY structure_id;
