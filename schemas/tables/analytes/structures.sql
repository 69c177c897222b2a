-- Structures: one row per structure as some source states it, before stereoisomers merge into analytes.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE structures (
    structure_id BIGINT NOT NULL,
    analyte_id VARCHAR NOT NULL,
    inchikey VARCHAR,
    name VARCHAR,
    smiles VARCHAR,
    formula VARCHAR,
    monoisotopic_mass DOUBLE,
    pubchem_cid BIGINT
);
COMMENT ON TABLE structures IS 'One structure under one name as a source states it; stereoisomers stay apart here';
COMMENT ON COLUMN structures.structure_id IS
    '63-bit hash of analyte_id, inchikey, smiles, name, formula and pubchem_cid';
COMMENT ON COLUMN structures.analyte_id IS 'The analyte that it is merged into';
COMMENT ON COLUMN structures.inchikey IS 'InChIKey, recomputed from the structure where there is one';
COMMENT ON COLUMN structures.name IS 'Name in the source, without adduct and remarks';
COMMENT ON COLUMN structures.smiles IS 'RDKit canonical SMILES; NULL when the source gives an InChIKey or a name only';
COMMENT ON COLUMN structures.formula IS 'Molecular formula, isotopes as D or [13C]';
COMMENT ON COLUMN structures.monoisotopic_mass IS 'Monoisotopic mass in Da';
COMMENT ON COLUMN structures.pubchem_cid IS 'PubChem compound id, when the source gives one';
