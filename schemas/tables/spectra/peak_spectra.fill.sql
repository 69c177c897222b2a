-- Number the spectra that have peaks, in the order in which they are published; those that are numbered keep their
-- numbers.
-- Inputs: spectra, peak_spectra. Parameters: none. Columns: of peak_spectra.
INSERT INTO peak_spectra BY NAME
SELECT
    (
        (SELECT coalesce(max(spectrum_number), 0) FROM peak_spectra)
        + row_number() OVER (ORDER BY ion_mode, precursor_mz, spectrum_id)
    )::INTEGER AS spectrum_number,
    spectrum_id,
    collection,
    precursor_mz,
    list_max(intensity) AS base_peak,
    tic
FROM spectra
ANTI JOIN peak_spectra USING (spectrum_id)
WHERE len(mz) > 0
ORDER BY spectrum_number;
