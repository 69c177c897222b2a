-- Spectra that have a fragment: their peaks at one m/z.
--
-- Inputs: peaks, spectra.
-- Parameters: fragment_mz: m/z of the fragment; ppm: tolerance in ppm of it, both ends included;
--   min_relative_intensity: peaks below this share of the base peak do not count.
-- Columns: spectrum_id, collection, native_id, precursor_mz, mz, intensity, relative_intensity, ppm_error (peak minus
--   fragment_mz, in ppm of that); a row for each peak.
CREATE OR REPLACE MACRO fragment_search(fragment_mz, ppm := 10.0, min_relative_intensity := 0.0) AS TABLE
SELECT
    spectrum_id,
    peaks.collection AS collection,
    native_id,
    peaks.precursor_mz AS precursor_mz,
    peaks.mz AS mz,
    peaks.intensity AS intensity,
    relative_intensity,
    (peaks.mz / fragment_mz::DOUBLE - 1) * 1e6 AS ppm_error
FROM peaks
INNER JOIN spectra USING (spectrum_id)
WHERE peaks.mz >= fragment_mz::DOUBLE * (1 - ppm::DOUBLE * 1e-6)
    AND peaks.mz <= fragment_mz::DOUBLE * (1 + ppm::DOUBLE * 1e-6)
    AND relative_intensity >= min_relative_intensity::DOUBLE;
COMMENT ON MACRO TABLE fragment_search IS
    'Spectra that have a fragment of an m/z: spectrum_id, collection, native_id, precursor_mz, mz, intensity, '
    'relative_intensity, ppm_error';
