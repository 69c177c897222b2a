-- Tautomers: one row per analyte whose canonical tautomer has been computed.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE tautomers (
    analyte_id VARCHAR NOT NULL,
    tautomer_id VARCHAR NOT NULL,
    rdkit_version VARCHAR NOT NULL
);
COMMENT ON TABLE tautomers IS
    'What an analyte is when tautomers, salts and charged forms count as one: no spectrum tells analytes with one '
    'tautomer_id apart';
COMMENT ON COLUMN tautomers.analyte_id IS 'The analyte';
COMMENT ON COLUMN tautomers.tautomer_id IS
    'First 14 characters of the InChIKey of the canonical tautomer of its largest fragment, uncharged';
COMMENT ON COLUMN tautomers.rdkit_version IS 'Version of RDKit that chose the canonical tautomer';
