-- The peaks of the spectra of some collections, for scores of peaks.
-- Inputs: spectra. Parameters: $collections (list of names).
-- Columns: spectrum_id, mz (m/z, ascending), intensity, precursor_mz (m/z), query_precursor_mz (m/z, as a query: see
-- query_spectra), ion_mode; sorted by spectrum_id.
SELECT
    spectrum_id,
    mz,
    intensity,
    precursor_mz,
    coalesce(precursor_mz_stated, precursor_mz) AS query_precursor_mz,
    ion_mode
FROM spectra
WHERE list_contains($collections::VARCHAR[], collection)
ORDER BY spectrum_id;
