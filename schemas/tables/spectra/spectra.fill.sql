-- Fill some of the spectra, sorted as similarity joins read them: by ion mode, then precursor m/z.
-- Inputs: record_spectra (with the embedding columns), spectrum_keys. Parameters: none. Columns: of spectra.
INSERT INTO spectra BY NAME
SELECT record_spectra.*, duplicate_of
FROM record_spectra
INNER JOIN spectrum_keys USING (spectrum_id)
ORDER BY ion_mode, precursor_mz, spectrum_id;
