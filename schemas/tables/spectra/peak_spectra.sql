-- Spectra as the index of peaks numbers them: four bytes in each of millions of rows, where a spectrum_id takes eight.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE peak_spectra (
    spectrum_number INTEGER NOT NULL,
    spectrum_id BIGINT NOT NULL,
    collection VARCHAR NOT NULL,
    precursor_mz DOUBLE NOT NULL,
    base_peak FLOAT NOT NULL,
    tic DOUBLE NOT NULL
);
COMMENT ON TABLE peak_spectra IS 'Spectra that have peaks, as peak_index numbers them; the view peaks shows both';
COMMENT ON COLUMN peak_spectra.spectrum_number IS
    'Its number in this published file; it may be another one in the next';
COMMENT ON COLUMN peak_spectra.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN peak_spectra.collection IS 'Name of the library or study';
COMMENT ON COLUMN peak_spectra.precursor_mz IS 'm/z at which searches find it, as in spectra';
COMMENT ON COLUMN peak_spectra.base_peak IS 'Intensity of its strongest peak, in the unit of the source';
COMMENT ON COLUMN peak_spectra.tic IS 'Sum of all intensities before peaks were removed';
