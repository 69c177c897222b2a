-- What each spectrum is by its own record: its name and structure, beside what its library calls the analyte; NULL
-- where unknown.
-- Inputs: spectra, structures, analytes, analyte_names. Parameters: none. Columns: as selected.
-- Spectra imported before schema version 3 do not know which structure was theirs: those of the analyte stand in.
CREATE OR REPLACE VIEW annotations AS
SELECT
    spectra.spectrum_id,
    spectra.collection,
    spectra.native_id,
    spectra.analyte_id,
    coalesce(spectra.name, analyte_names.name) AS name,
    analyte_names.name AS analyte_name,
    coalesce(structures.formula, analytes.formula) AS formula,
    coalesce(structures.smiles, analytes.smiles) AS smiles,
    coalesce(structures.inchikey, analytes.inchikey) AS inchikey,
    coalesce(structures.monoisotopic_mass, analytes.monoisotopic_mass) AS monoisotopic_mass,
    spectra.adduct
FROM spectra
LEFT JOIN structures ON structures.structure_id = spectra.structure_id
LEFT JOIN analytes ON analytes.analyte_id = spectra.analyte_id
LEFT JOIN analyte_names
    ON analyte_names.collection = spectra.collection
        AND analyte_names.analyte_id = spectra.analyte_id
        AND analyte_names.place = 1;
COMMENT ON VIEW annotations IS
    'What each spectrum is by its own record: name, structure and adduct; NULL where unknown';
COMMENT ON COLUMN annotations.name IS 'Name that the record gives; where it gives none, analyte_name';
COMMENT ON COLUMN annotations.analyte_name IS
    'Commonest plain name of the analyte in the library of the spectrum; NULL in a study';
COMMENT ON COLUMN annotations.formula IS 'Molecular formula of the record''s structure';
COMMENT ON COLUMN annotations.smiles IS 'RDKit canonical SMILES of the record''s structure';
COMMENT ON COLUMN annotations.inchikey IS
    'InChIKey of the record''s structure, stereochemistry as the record states it';
COMMENT ON COLUMN annotations.monoisotopic_mass IS 'Monoisotopic mass of the record''s structure in Da';
COMMENT ON COLUMN annotations.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN annotations.collection IS 'Name of the library or study';
COMMENT ON COLUMN annotations.native_id IS 'Identifier in its source';
COMMENT ON COLUMN annotations.analyte_id IS 'What it is, as in analytes; NULL when unknown';
COMMENT ON COLUMN annotations.adduct IS 'Adduct in one spelling, such as [M+H]+';
