-- Take out the spectra that go.
-- Inputs: spectra, going_spectra. Parameters: none. Columns: none.
DELETE FROM spectra WHERE spectrum_id IN (SELECT spectrum_id FROM going_spectra);
