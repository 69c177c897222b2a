-- Fill tautomers; of two rows of one analyte that of the later RDKit stands.
-- Inputs: record_tautomers. Parameters: none. Columns: of tautomers.
INSERT INTO tautomers BY NAME
SELECT *
FROM record_tautomers
QUALIFY row_number() OVER (PARTITION BY analyte_id ORDER BY rdkit_version DESC, tautomer_id) = 1
ORDER BY analyte_id;
