-- Peaks of all spectra, a row each, in the order of their m/z: a range of m/z is read from a few blocks of the file.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE peak_index (
    spectrum_number INTEGER NOT NULL,
    mz DOUBLE NOT NULL,
    intensity FLOAT NOT NULL
);
COMMENT ON TABLE peak_index IS 'One peak of a spectrum, sorted by m/z; the view peaks shows it with its spectrum';
COMMENT ON COLUMN peak_index.spectrum_number IS 'The spectrum, as peak_spectra numbers it';
COMMENT ON COLUMN peak_index.mz IS 'm/z';
COMMENT ON COLUMN peak_index.intensity IS 'Intensity, in the unit of the source';
