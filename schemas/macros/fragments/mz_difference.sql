-- Spectra that have two fragments a certain m/z apart, such as a residue of a chain.
--
-- Inputs: peak_index, peak_spectra, spectra.
-- Parameters: difference: in m/z, above 0; ppm: tolerance in ppm of the heavier peak's m/z, both ends included;
--   min_relative_intensity: of both peaks; lower ones do not count.
-- Columns: spectrum_id, collection, native_id, precursor_mz, mz (of the lighter peak), heavier_mz, intensity,
--   heavier_intensity, ppm_error (heavier_mz minus mz minus difference, in ppm of heavier_mz); a row for each pair.
--
-- Peaks are paired as precursors are: an equi-join on bins as wide as the largest tolerance, then the exact test.
CREATE OR REPLACE MACRO mz_difference(difference, ppm := 10.0, min_relative_intensity := 0.0) AS TABLE
WITH width AS (
    SELECT greatest((SELECT max(mz) FROM peak_index) * ppm::DOUBLE * 1e-6, 1e-6) AS da
),
strong AS (
    SELECT spectrum_number, mz, intensity
    FROM peak_index
    INNER JOIN peak_spectra USING (spectrum_number)
    WHERE intensity::DOUBLE / base_peak >= min_relative_intensity::DOUBLE
),
lighter AS (
    SELECT spectrum_number, mz, intensity, bin + unnest([-1, 0, 1]) AS bin
    FROM (
        SELECT
            spectrum_number,
            mz,
            intensity,
            floor((mz + difference::DOUBLE) / (SELECT da FROM width))::BIGINT AS bin
        FROM strong
    )
),
heavier AS (
    SELECT spectrum_number, mz, intensity, floor(mz / (SELECT da FROM width))::BIGINT AS bin FROM strong
)
SELECT
    spectrum_id,
    numbered.collection AS collection,
    native_id,
    spectra.precursor_mz AS precursor_mz,
    lighter.mz AS mz,
    heavier.mz AS heavier_mz,
    lighter.intensity AS intensity,
    heavier.intensity AS heavier_intensity,
    (heavier.mz - lighter.mz - difference::DOUBLE) / heavier.mz * 1e6 AS ppm_error
FROM lighter
INNER JOIN heavier USING (spectrum_number, bin)
INNER JOIN peak_spectra AS numbered USING (spectrum_number)
INNER JOIN spectra USING (spectrum_id)
WHERE abs(heavier.mz - lighter.mz - difference::DOUBLE) <= heavier.mz * ppm::DOUBLE * 1e-6;
COMMENT ON MACRO TABLE mz_difference IS
    'Spectra that have two peaks an m/z apart: spectrum_id, collection, native_id, precursor_mz, mz, heavier_mz, '
    'intensity, heavier_intensity, ppm_error';
