-- What candidates of a library are told with beside what every search tells: InChIKeys and the m/z of peaks.
-- Inputs: annotations, spectra. Parameters: $library. Columns: spectrum_id, inchikey, mz (list of DOUBLE, rising); by
--   spectrum_id.
SELECT entry.spectrum_id, entry.inchikey, l.mz
FROM annotations AS entry
INNER JOIN spectra AS l ON l.spectrum_id = entry.spectrum_id
WHERE entry.collection = $library
ORDER BY entry.spectrum_id;
