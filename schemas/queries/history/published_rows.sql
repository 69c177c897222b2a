-- The spectra of a collection as they are published: what searches compare now.
-- Inputs: spectra. Parameters: $collection. Columns: those of a spectrum that changed_spectra compares.
SELECT
    spectrum_id,
    collection,
    native_id,
    record_hash,
    peaks_hash,
    precursor_mz,
    precursor_mz_stated,
    ion_mode,
    analyte_id,
    contributor,
    import_id
FROM spectra
WHERE collection = $collection;
