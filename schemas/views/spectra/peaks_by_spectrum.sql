-- The rows of the view peaks, spectrum by spectrum: quicker than that one where all peaks are looked at, or those of
-- a few spectra.
-- Inputs: spectra. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW peaks_by_spectrum AS
SELECT
    spectrum_id,
    collection,
    precursor_mz,
    mz,
    intensity,
    intensity::DOUBLE / base_peak AS relative_intensity,
    intensity::DOUBLE / tic AS tic_share,
    precursor_mz - mz AS loss
FROM (
    SELECT
        s.spectrum_id,
        s.collection,
        s.precursor_mz,
        s.tic,
        list_max(s.intensity) AS base_peak,
        unnest(s.mz) AS mz,
        unnest(s.intensity) AS intensity
    FROM spectra AS s
);
COMMENT ON VIEW peaks_by_spectrum IS
    'The rows of peaks, read spectrum by spectrum: quicker where all are looked at, or those of a few spectra';
COMMENT ON COLUMN peaks_by_spectrum.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN peaks_by_spectrum.collection IS 'Name of the library or study';
COMMENT ON COLUMN peaks_by_spectrum.precursor_mz IS 'm/z at which searches find the spectrum, as in spectra';
COMMENT ON COLUMN peaks_by_spectrum.mz IS 'm/z';
COMMENT ON COLUMN peaks_by_spectrum.intensity IS 'Intensity, in the unit of the source';
COMMENT ON COLUMN peaks_by_spectrum.relative_intensity IS
    'Intensity as a share of the spectrum''s strongest peak, 0 to 1';
COMMENT ON COLUMN peaks_by_spectrum.tic_share IS
    'Intensity as a share of the sum of all, which may be more than those of the peaks kept';
COMMENT ON COLUMN peaks_by_spectrum.loss IS
    'precursor_mz of the spectrum minus mz: the neutral loss, where the fragment has the charge of the precursor';
