-- Peaks between two m/z, as conditions of MassQL on their intensities ask for them: the rows of peaks, by the number of
-- their spectrum.
--
-- Inputs: peak_index, peak_spectra.
-- Parameters: lower_mz, upper_mz: bounds, both excluded; numbers, so that blocks of the file are skipped by them.
-- Columns: spectrum_number, mz, intensity, relative_intensity, tic_share.
CREATE OR REPLACE MACRO massql_fragments(lower_mz, upper_mz) AS TABLE
WITH near AS (
    SELECT
        unnest(
            list({'spectrum_number': spectrum_number, 'mz': mz, 'intensity': intensity}),
            recursive := true
        )
    FROM peak_index
    WHERE mz > lower_mz::DOUBLE AND mz < upper_mz::DOUBLE
)
SELECT
    spectrum_number,
    near.mz AS mz,
    near.intensity AS intensity,
    near.intensity::DOUBLE / base_peak AS relative_intensity,
    near.intensity::DOUBLE / tic AS tic_share
FROM near
INNER JOIN peak_spectra USING (spectrum_number);
COMMENT ON MACRO TABLE massql_fragments IS
    'Internal: peaks between two m/z: spectrum_number, mz, intensity, relative_intensity, tic_share';
