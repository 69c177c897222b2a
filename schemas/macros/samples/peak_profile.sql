-- The peaks of all spectra of a run or sample, summed in bins of m/z: a profile that needs no model.
--
-- Inputs: spectra, runs; blank_spectra (vectors.<study>__<model>) when blanks are subtracted.
-- Parameters: study: name of the study; level: run or sample (runs without a sample are then left out); bin_width in
--   Da; max_mz: peaks from there on are not counted; subtract_blanks, model: leave out what blank_spectra finds.
-- Columns: unit_id, n_spectra, embedding FLOAT[] (sums of intensities relative to the base peak of their spectrum;
--   element i holds m/z from (i - 1) * bin_width to below i * bin_width).
CREATE OR REPLACE MACRO peak_profile(
    study, level := 'run', bin_width := 1.0, max_mz := 1000.0, subtract_blanks := false, model := 'default'
) AS TABLE
WITH members AS (
    SELECT
        CASE level
            WHEN 'sample' THEN r.sample_id
            WHEN 'run' THEN r.run_id
            ELSE error('level must be run or sample')
        END AS unit_id,
        s.mz,
        s.intensity,
        list_max(s.intensity) AS base
    FROM spectra AS s
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = s.spectrum_id
    WHERE s.collection = study
),
peaks AS (
    SELECT unit_id, base, unnest(m.mz) AS mz, unnest(m.intensity)::DOUBLE AS intensity
    FROM members AS m
    WHERE unit_id IS NOT NULL
),
sums AS (
    SELECT unit_id, floor(p.mz / bin_width)::BIGINT AS bin, sum(p.intensity / base) AS total
    FROM peaks AS p
    WHERE p.mz < max_mz
    GROUP BY unit_id, bin
),
units AS (
    SELECT unit_id, count(*) AS n_spectra FROM members WHERE unit_id IS NOT NULL GROUP BY unit_id
),
places AS (
    SELECT u.unit_id, u.n_spectra, unnest(range(ceil(max_mz / bin_width)::BIGINT)) AS place FROM units AS u
)
SELECT p.unit_id, p.n_spectra, list(coalesce(t.total, 0) ORDER BY p.place)::FLOAT[] AS embedding
FROM places AS p
LEFT JOIN sums AS t ON t.unit_id = p.unit_id AND t.bin = p.place
GROUP BY p.unit_id, p.n_spectra
ORDER BY p.unit_id;
COMMENT ON MACRO TABLE peak_profile IS
    'Peaks of each run or sample, summed in bins of m/z: unit_id, n_spectra, embedding';
