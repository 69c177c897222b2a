-- The features that the spectra of a study are of.
-- Inputs: spectra. Parameters: $study. Columns: feature_id, n_spectra.
SELECT feature_id, count(*) AS n_spectra
FROM spectra
WHERE collection = $study AND feature_id IS NOT NULL
GROUP BY feature_id
ORDER BY feature_id;
