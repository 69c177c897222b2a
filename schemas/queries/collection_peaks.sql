-- The peaks of the spectra of some collections, for scores of peaks.
-- Inputs: spectra. Parameters: $collections (list of names).
-- Columns: spectrum_id, mz (m/z, ascending), intensity, precursor_mz (m/z), ion_mode; sorted by spectrum_id.
SELECT spectrum_id, mz, intensity, precursor_mz, ion_mode
FROM spectra
WHERE list_contains($collections::VARCHAR[], collection)
ORDER BY spectrum_id;
