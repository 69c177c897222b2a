-- Analytes: one row per 2D structure; computed from structures when published.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE analytes (
    analyte_id VARCHAR PRIMARY KEY,
    name VARCHAR,
    smiles VARCHAR,
    inchikey VARCHAR,
    formula VARCHAR,
    monoisotopic_mass DOUBLE,
    pubchem_cid BIGINT,
    n_stereoisomers INTEGER NOT NULL
);
COMMENT ON TABLE analytes IS 'Computed when published: one 2D structure; stereoisomers are merged into the one with the lowest PubChem CID';
COMMENT ON COLUMN analytes.analyte_id IS 'First 14 characters of the InChIKey';
COMMENT ON COLUMN analytes.name IS 'Name of the entry that stands for the analyte';
COMMENT ON COLUMN analytes.smiles IS 'Its RDKit canonical SMILES';
COMMENT ON COLUMN analytes.inchikey IS 'Its InChIKey';
COMMENT ON COLUMN analytes.formula IS 'Molecular formula';
COMMENT ON COLUMN analytes.monoisotopic_mass IS 'Monoisotopic mass in Da';
COMMENT ON COLUMN analytes.pubchem_cid IS 'Lowest PubChem CID among the merged entries';
COMMENT ON COLUMN analytes.n_stereoisomers IS 'Number of distinct InChIKeys merged';
