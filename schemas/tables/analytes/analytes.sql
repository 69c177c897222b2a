-- Analytes: one row per 2D structure; computed from structures when published.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE analytes (
    analyte_id VARCHAR PRIMARY KEY,
    inchikey_2d VARCHAR,
    name VARCHAR,
    smiles VARCHAR,
    inchikey VARCHAR,
    formula VARCHAR,
    monoisotopic_mass DOUBLE,
    pubchem_cid BIGINT,
    n_stereoisomers INTEGER NOT NULL,
    structure_embedding_analogue FLOAT[256]
);
COMMENT ON TABLE analytes IS
    'Computed when published: one 2D structure of one mass; stereoisomers are merged, isotope-labelled and otherwise '
    'protonated forms are not';
COMMENT ON COLUMN analytes.analyte_id IS
    'First 14 characters of the InChIKey; of a labelled form with its label (-GQALSZNT as drawn, -d8 as named), of '
    'another protonation with its letter (-M); name:... of records that have a name only';
COMMENT ON COLUMN analytes.inchikey_2d IS
    'First 14 characters of the InChIKey, which labelled and otherwise protonated forms share; NULL where no '
    'structure is known';
COMMENT ON COLUMN analytes.name IS 'Commonest plain name in the libraries (analyte_names); studies name no analyte';
COMMENT ON COLUMN analytes.smiles IS
    'RDKit canonical SMILES of the entry that stands for the analyte: the flat one, then the one of the lowest CID';
COMMENT ON COLUMN analytes.inchikey IS 'Its InChIKey';
COMMENT ON COLUMN analytes.formula IS 'Its molecular formula, isotopes as D or [13C]';
COMMENT ON COLUMN analytes.monoisotopic_mass IS 'Its monoisotopic mass in Da, isotopes as drawn or named';
COMMENT ON COLUMN analytes.pubchem_cid IS
    'Its PubChem CID; where its source gives none, the lowest of the merged entries';
COMMENT ON COLUMN analytes.n_stereoisomers IS 'Number of distinct InChIKeys merged';
COMMENT ON COLUMN analytes.structure_embedding_analogue IS
    'Unit vector where the learned part of the vectors of its spectra by spectradb_analogue is expected, from '
    'fingerprints; NULL without a readable structure, and until that model embeds the lab. A hint, no identification';
