-- The peaks of those spectra of a library that lie in the precursor windows of spectra at hand, for scores of peaks.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode), spectra. Parameters: $library, $ppm.
-- Columns: spectrum_id, mz (m/z, ascending), intensity, precursor_mz (m/z), ion_mode; sorted by spectrum_id.
WITH window_library AS (
    FROM collection_spectra($library)
),
in_windows AS (
    SELECT DISTINCT library_id AS spectrum_id
    FROM precursor_pairs('adhoc_queries', 'window_library', ppm := $ppm)
)
SELECT s.spectrum_id, s.mz, s.intensity, s.precursor_mz, s.ion_mode
FROM spectra AS s
SEMI JOIN in_windows AS i ON i.spectrum_id = s.spectrum_id
ORDER BY s.spectrum_id;
