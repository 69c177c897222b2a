-- Spectra with a loss between two masses, as conditions of MassQL ask for them.
--
-- Inputs: loss_index, peak_spectra, spectra.
-- Parameters: lower_loss, upper_loss: bounds in Da, both excluded; numbers, so that blocks of the file are skipped.
-- Columns: spectrum_number, as peak_spectra numbers spectra, each once.
--
-- Of the steps between those of the bounds every loss is between the bounds; of the two steps of the bounds, the
-- spectra are looked at.
CREATE OR REPLACE MACRO massql_with_loss(lower_loss, upper_loss) AS TABLE
WITH at_bounds AS (
    SELECT spectrum_id, spectrum_number
    FROM peak_spectra
    INNER JOIN (
        SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number
        FROM loss_index
        WHERE loss_step = loss_step(lower_loss) OR loss_step = loss_step(upper_loss)
    ) USING (spectrum_number)
)
SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number
FROM (
    SELECT spectrum_number
    FROM loss_index
    WHERE loss_step > loss_step(lower_loss) AND loss_step < loss_step(upper_loss)
    UNION ALL
    SELECT spectrum_number
    FROM spectra
    INNER JOIN at_bounds USING (spectrum_id)
    WHERE len(list_filter(
        spectra.mz,
        lambda peak: spectra.precursor_mz - peak > lower_loss::DOUBLE
            AND spectra.precursor_mz - peak < upper_loss::DOUBLE
    )) > 0
);
COMMENT ON MACRO TABLE massql_with_loss IS 'Internal: spectra with a loss between two masses: spectrum_number';
