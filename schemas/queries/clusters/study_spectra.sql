-- The spectra of a collection in the order in which they are clustered.
-- Inputs: collection_queries. Parameters: $collection. Columns: spectrum_id, mz (m/z, ascending), intensity,
--   precursor_mz (m/z, as stated), ion_mode, retention_time_s, tic, peaks_hash; sorted by ion mode (negative first),
--   precursor and id.
SELECT
    spectrum_id,
    mz,
    intensity,
    coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz,
    ion_mode,
    retention_time_s,
    tic,
    peaks_hash
FROM spectra
WHERE collection = $collection
ORDER BY ion_mode, coalesce(precursor_mz_stated, precursor_mz), spectrum_id;
