-- Take out the losses of the spectra that go or become others.
-- Inputs: loss_index, peak_spectra, other_spectra. Parameters: none. Columns: none.
DELETE FROM loss_index
WHERE spectrum_number IN (
    SELECT spectrum_number FROM peak_spectra WHERE spectrum_id IN (SELECT spectrum_id FROM other_spectra)
);
