-- Scores of two spectra by their peaks, vectors and m/z of ions, under the names and with the parameters that they
-- have in connections of Python, for the DuckDB shell: of the native extension.
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
-- Of a query (a) and a library spectrum (b); tolerance_ppm: in ppm; weights: NONE, SQRT, MASSBANK, NIST11-LC, NIST-GC.
CREATE OR REPLACE TEMP MACRO weighted_cosine(mz_a, intensity_a, mz_b, intensity_b, tolerance_ppm, weights) AS (
    native_weighted_cosine(mz_a, intensity_a, mz_b, intensity_b, tolerance_ppm, weights)
);
-- Gives FLOAT[512].
CREATE OR REPLACE TEMP MACRO embed_binned(mz, intensity, precursor_mz, ion_mode) AS (
    native_embed_binned(mz, intensity, precursor_mz, ion_mode)
);
-- Gives the m/z of the ion that a neutral of this mass (Da) forms; NULL where the adduct cannot be read.
CREATE OR REPLACE TEMP MACRO adduct_mz(monoisotopic_mass, adduct) AS (
    native_adduct_mz(monoisotopic_mass, adduct)
);
