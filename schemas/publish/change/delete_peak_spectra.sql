-- Take out the numbers of the spectra that go or become others, once their peaks are out.
-- Inputs: peak_spectra, other_spectra. Parameters: none. Columns: none.
DELETE FROM peak_spectra WHERE spectrum_id IN (SELECT spectrum_id FROM other_spectra);
