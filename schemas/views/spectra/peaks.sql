-- Peaks as rows: every peak of every spectrum, with its share of the base peak and its distance from the precursor. A
-- condition on mz is answered from a few blocks of the file.
-- Inputs: peak_index, peak_spectra. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW peaks AS
SELECT
    spectrum_id,
    collection,
    precursor_mz,
    mz,
    intensity,
    intensity::DOUBLE / base_peak AS relative_intensity,
    intensity::DOUBLE / tic AS tic_share,
    precursor_mz - mz AS loss
FROM peak_index
INNER JOIN peak_spectra USING (spectrum_number);
COMMENT ON VIEW peaks IS 'One peak of a spectrum; a condition on mz reads only where such peaks lie';
COMMENT ON COLUMN peaks.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN peaks.collection IS 'Name of the library or study';
COMMENT ON COLUMN peaks.precursor_mz IS 'm/z at which searches find the spectrum, as in spectra';
COMMENT ON COLUMN peaks.mz IS 'm/z';
COMMENT ON COLUMN peaks.intensity IS 'Intensity, in the unit of the source';
COMMENT ON COLUMN peaks.relative_intensity IS 'Intensity as a share of the spectrum''s strongest peak, 0 to 1';
COMMENT ON COLUMN peaks.tic_share IS
    'Intensity as a share of the sum of all, which may be more than those of the peaks kept';
COMMENT ON COLUMN peaks.loss IS
    'precursor_mz of the spectrum minus mz: the neutral loss, where the fragment has the charge of the precursor';
