-- Put in the peaks of the spectra that came or became others, once these have numbers: sorted among themselves, behind
-- the others.
-- Inputs: spectra, peak_spectra, other_spectra. Parameters: none. Columns: of peak_index.
INSERT INTO peak_index BY NAME
SELECT spectrum_number, unnest(spectra.mz) AS mz, unnest(spectra.intensity) AS intensity
FROM peak_spectra
INNER JOIN spectra USING (spectrum_id)
WHERE spectrum_id IN (SELECT spectrum_id FROM other_spectra)
ORDER BY mz, spectrum_number;
