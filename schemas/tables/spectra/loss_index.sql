-- Losses of all peaks from the precursors, a row each, in their order: a range of losses is read from a few blocks of
-- the file. In whole steps, whose bytes are a quarter of those of exact losses; the spectra have these.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE loss_index (
    spectrum_number INTEGER NOT NULL,
    loss_step BIGINT NOT NULL
);
COMMENT ON TABLE loss_index IS 'One loss of a spectrum, sorted; the view peaks shows exact losses with their spectrum';
COMMENT ON COLUMN loss_index.spectrum_number IS 'The spectrum, as peak_spectra numbers it';
COMMENT ON COLUMN loss_index.loss_step IS
    'precursor_mz of the spectrum minus m/z of the peak, in whole steps of 0.00001 Da, rounded down';
