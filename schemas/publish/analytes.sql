-- Fill analytes: stereoisomers, which MS/MS cannot tell apart, merge into the entry with the lowest PubChem CID. Without a CID the
-- first InChIKey stands for them; a structure goes before a bare InChIKey.
-- Inputs: structures. Parameters: none. Columns: of analytes.
INSERT INTO analytes BY NAME
SELECT
    analyte_id, name, smiles, inchikey, formula, monoisotopic_mass, pubchem_cid,
    count(DISTINCT inchikey) OVER (PARTITION BY analyte_id) AS n_stereoisomers
FROM structures
QUALIFY
    row_number() OVER (
        PARTITION BY analyte_id
        ORDER BY pubchem_cid NULLS LAST, smiles IS NULL, name IS NULL, inchikey, name, structure_id
    ) = 1
ORDER BY analyte_id;
