-- Spectra without their peaks and vectors, for tools that take no nested types.
-- Inputs: spectra, analytes. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW spectrum_list AS
SELECT
    spectrum_id, collection, native_id, run_id, ms_level, precursor_mz, precursor_mz_stated, precursor_mz_computed, precursor_source,
    precursor_check, charge, ion_mode, adduct, collision_energy, collision_energy_ev, collision_energy_nce, instrument, instrument_type,
    contributor, source_license, retention_time_s, n_peaks, tic, spectra.analyte_id, coalesce(spectra.name, analytes.name) AS name,
    formula, duplicate_of
FROM spectra
LEFT JOIN analytes ON analytes.analyte_id = spectra.analyte_id;
COMMENT ON VIEW spectrum_list IS 'Spectra without peaks and vectors, with their name and the formula of their analyte';
COMMENT ON COLUMN spectrum_list.name IS 'Name that the record gives, else that of the analyte';
