-- The spectra of a collection in the order in which a network compares them.
-- Inputs: spectra. Parameters: $collection. Columns: spectrum_id, mz (m/z, ascending), intensity, precursor_mz (m/z),
-- ion_mode; sorted by ion mode (negative first), precursor and id.
SELECT spectrum_id, mz, intensity, precursor_mz, ion_mode
FROM spectra
WHERE collection = $collection
ORDER BY ion_mode, precursor_mz, spectrum_id;
