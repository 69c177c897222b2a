-- Fill peak_index with the peaks of all spectra that are numbered, sorted by m/z.
-- Inputs: spectra, peak_spectra. Parameters: none. Columns: of peak_index.
INSERT INTO peak_index BY NAME
SELECT spectrum_number, unnest(spectra.mz) AS mz, unnest(spectra.intensity) AS intensity
FROM peak_spectra
INNER JOIN spectra USING (spectrum_id)
ORDER BY mz, spectrum_number;
