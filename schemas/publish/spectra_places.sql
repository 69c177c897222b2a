-- Where the record keeps the spectra that are published, in the order in which similarity joins read them: by ion mode,
-- then precursor m/z.
-- Inputs: record_places (place, counted from 0, spectrum_id, ion_mode, precursor_mz), spectrum_keys. Parameters: none.
--   Columns: place.
SELECT place
FROM record_places
SEMI JOIN spectrum_keys USING (spectrum_id)
ORDER BY ion_mode, precursor_mz, spectrum_id;
