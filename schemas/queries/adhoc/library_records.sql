-- What each record of a library says of itself, for searches that keep it in memory: the columns of
-- queries/adhoc/search that do not depend on the query.
-- Inputs: annotations, spectra. Parameters: $library. Columns: analyte_id, name, analyte_name, formula, smiles,
--   adduct, library_spectrum_id, library_native_id, library_precursor_mz, precursor_source; by
--   library_spectrum_id.
SELECT
    entry.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.adduct,
    entry.spectrum_id AS library_spectrum_id,
    l.native_id AS library_native_id,
    l.precursor_mz AS library_precursor_mz,
    l.precursor_source
FROM annotations AS entry
INNER JOIN spectra AS l ON l.spectrum_id = entry.spectrum_id
WHERE entry.collection = $library AND entry.analyte_id IS NOT NULL
ORDER BY library_spectrum_id;
