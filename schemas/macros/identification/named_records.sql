-- Library spectra that were found for spectra at hand, each with what its record says of itself.
--
-- Inputs: a relation, given by name, with (query_id, rank, library_id) and any other columns; annotations, spectra.
-- Parameters: found: name of the relation.
-- Columns: query_id, rank, analyte_id, name, analyte_name, formula, smiles, adduct, the other columns of the relation,
--   library_spectrum_id, library_native_id, library_precursor_mz, precursor_source.
CREATE OR REPLACE MACRO named_records(found) AS TABLE
SELECT
    f.query_id,
    f.rank,
    entry.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.adduct,
    f.* EXCLUDE (query_id, rank, library_id),
    f.library_id AS library_spectrum_id,
    l.native_id AS library_native_id,
    l.precursor_mz AS library_precursor_mz,
    l.precursor_source
FROM query_table(found) AS f
INNER JOIN spectra AS l ON l.spectrum_id = f.library_id
INNER JOIN annotations AS entry ON entry.spectrum_id = f.library_id
ORDER BY f.query_id, f.rank;
COMMENT ON MACRO TABLE named_records IS
    'Internal: found library spectra with what their records say: query_id, rank, analyte_id, name, analyte_name, '
    'formula, smiles, adduct, library_spectrum_id, library_native_id, library_precursor_mz, precursor_source';
