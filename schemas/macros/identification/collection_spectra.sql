-- The spectra of one collection as searches by peaks read them.
--
-- Inputs: spectra.
-- Parameters: collection_name: name of a library or study; contributors: list of contributors whose spectra to take;
--   NULL: all.
-- Columns: id, analyte_id, precursor_mz, precursor_mz_stated, ion_mode, contributor, peaks_hash.
CREATE OR REPLACE MACRO collection_spectra(collection_name, contributors := NULL) AS TABLE
SELECT spectrum_id AS id, analyte_id, precursor_mz, precursor_mz_stated, ion_mode, contributor, peaks_hash
FROM spectra
WHERE collection = collection_name AND (contributors IS NULL OR list_contains(contributors, contributor));
COMMENT ON MACRO TABLE collection_spectra IS
    'The spectra of one collection, of some contributors if wanted: id, analyte_id, precursor_mz, '
    'precursor_mz_stated, ion_mode, contributor, peaks_hash';
