-- Peaks whose loss from the precursor is between two masses, as conditions of MassQL on their intensities ask for them:
-- the rows of peaks, by the number of their spectrum.
--
-- Inputs: loss_index, peak_spectra, spectra.
-- Parameters: lower_loss, upper_loss: bounds in Da, both excluded; numbers, so that blocks of the file are skipped.
-- Columns: spectrum_number, mz, intensity, relative_intensity, tic_share, loss.
CREATE OR REPLACE MACRO massql_losses(lower_loss, upper_loss) AS TABLE
WITH candidates AS (
    SELECT spectrum_id, spectrum_number
    FROM peak_spectra
    INNER JOIN (
        SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number
        FROM loss_index
        WHERE loss_step BETWEEN loss_step(lower_loss) AND loss_step(upper_loss)
    ) USING (spectrum_number)
)
SELECT
    spectrum_number,
    mz,
    intensity,
    intensity::DOUBLE / base_peak AS relative_intensity,
    intensity::DOUBLE / tic AS tic_share,
    precursor_mz - mz AS loss
FROM (
    SELECT
        spectrum_number,
        spectra.precursor_mz AS precursor_mz,
        spectra.tic AS tic,
        list_max(spectra.intensity) AS base_peak,
        unnest(spectra.mz) AS mz,
        unnest(spectra.intensity) AS intensity
    FROM spectra
    INNER JOIN candidates USING (spectrum_id)
)
WHERE precursor_mz - mz > lower_loss::DOUBLE AND precursor_mz - mz < upper_loss::DOUBLE;
COMMENT ON MACRO TABLE massql_losses IS
    'Internal: peaks whose loss is between two masses: spectrum_number, mz, intensity, relative_intensity, tic_share, '
    'loss';
