-- Fill loss_index with the losses of all spectra that are numbered, sorted. Steps are those of the macro loss_step.
-- Inputs: spectra, peak_spectra. Parameters: none. Columns: of loss_index.
INSERT INTO loss_index BY NAME
SELECT
    spectrum_number,
    floor((precursor_mz - mz) * 1e5)::BIGINT AS loss_step
FROM (
    SELECT
        spectrum_number,
        spectra.precursor_mz AS precursor_mz,
        unnest(spectra.mz) AS mz
    FROM peak_spectra
    INNER JOIN spectra USING (spectrum_id)
)
ORDER BY loss_step, spectrum_number;
