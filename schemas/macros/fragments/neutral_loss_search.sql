-- Spectra that lose a neutral: their peaks that lie one mass below the precursor.
--
-- Inputs: peaks, spectra.
-- Parameters: neutral_loss: mass of the neutral in Da; ppm: tolerance in ppm of the precursor's m/z, which is what both
--   measured values are near, both ends included; min_relative_intensity: peaks below this share of the base peak do
--   not count.
-- Columns: spectrum_id, collection, native_id, precursor_mz, mz, intensity, relative_intensity, loss, ppm_error (loss
--   minus neutral_loss, in ppm of the precursor's m/z); a row for each peak. A fragment with fewer charges than its
--   precursor is no loss of a neutral, and is not told apart.
CREATE OR REPLACE MACRO neutral_loss_search(neutral_loss, ppm := 10.0, min_relative_intensity := 0.0) AS TABLE
SELECT
    spectrum_id,
    peaks.collection AS collection,
    native_id,
    peaks.precursor_mz AS precursor_mz,
    peaks.mz AS mz,
    peaks.intensity AS intensity,
    relative_intensity,
    loss,
    (loss - neutral_loss::DOUBLE) / peaks.precursor_mz * 1e6 AS ppm_error
FROM peaks
INNER JOIN spectra USING (spectrum_id)
WHERE abs(loss - neutral_loss::DOUBLE) <= peaks.precursor_mz * ppm::DOUBLE * 1e-6
    AND relative_intensity >= min_relative_intensity::DOUBLE;
COMMENT ON MACRO TABLE neutral_loss_search IS
    'Spectra that lose a neutral of a mass: spectrum_id, collection, native_id, precursor_mz, mz, intensity, '
    'relative_intensity, loss, ppm_error';
