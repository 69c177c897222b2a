-- A library spectrum to be drawn below one at hand.
-- Inputs: spectra. Parameters: $library: its spectrum_id. Columns: spectrum_id, mz, intensity, precursor_mz,
--   precursor_mz_stated, collision_energy.
SELECT spectrum_id, mz, intensity, precursor_mz, precursor_mz_stated, collision_energy
FROM spectra
WHERE spectrum_id = $library;
