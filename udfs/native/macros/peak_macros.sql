-- Scores of two spectra by their peaks, under the names and with the parameters that they have in connections of
-- Python, for the DuckDB shell: of the native extension.
--
-- Inputs: the functions of the extension, which is loaded. Parameters: mz_a, mz_b: m/z of the peaks, in any order;
--   intensity_a, intensity_b: their intensities; precursor_mz_a, precursor_mz_b: m/z of the precursors;
--   tolerance_da: in Da, up to which peaks match.
-- Columns: none; each gives a score from 0 to 1, NULL where a spectrum is NULL.
CREATE OR REPLACE TEMP MACRO cosine_greedy(mz_a, intensity_a, mz_b, intensity_b, tolerance_da) AS (
    native_cosine_greedy(mz_a, intensity_a, mz_b, intensity_b, tolerance_da, 0.0, 0.5)
).score;
CREATE OR REPLACE TEMP MACRO modified_cosine(
    mz_a, intensity_a, precursor_mz_a, mz_b, intensity_b, precursor_mz_b, tolerance_da
) AS (
    native_modified_cosine(
        mz_a, intensity_a, precursor_mz_a, mz_b, intensity_b, precursor_mz_b, tolerance_da, 0.0, 0.5
    )
).score;
CREATE OR REPLACE TEMP MACRO entropy_similarity(mz_a, intensity_a, mz_b, intensity_b, tolerance_da) AS (
    native_entropy_similarity(mz_a, intensity_a, mz_b, intensity_b, tolerance_da, 0.01)
);
