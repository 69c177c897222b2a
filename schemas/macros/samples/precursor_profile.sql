-- How many spectra of a run or sample have their precursor in each unit of m/z: a profile that sees no fragments.
--
-- Inputs: spectra, runs; blank_spectra (vectors.<study>__<model>) when blanks are subtracted.
-- Parameters: study: name of the study; level: run or sample (runs without a sample are then left out); bins: the
--   profile covers m/z 0 to bins, precursors beyond it are not counted; subtract_blanks, model: leave out what
--   blank_spectra finds.
-- Columns: unit_id, n_spectra (also those beyond the profile), embedding FLOAT[] (counts; element i holds m/z from i -
--   1 to below i).
CREATE OR REPLACE MACRO precursor_profile(
    study, level := 'run', bins := 1000, subtract_blanks := false, model := 'default'
) AS TABLE
WITH members AS (
    SELECT
        CASE level
            WHEN 'sample' THEN r.sample_id
            WHEN 'run' THEN r.run_id
            ELSE error('level must be run or sample')
        END AS unit_id,
        floor(s.precursor_mz)::BIGINT AS bin
    FROM spectra AS s
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = s.spectrum_id
    WHERE s.collection = study
),
counts AS (
    SELECT unit_id, bin, count(*) AS n FROM members WHERE bin >= 0 AND bin < bins GROUP BY unit_id, bin
),
units AS (
    SELECT unit_id, count(*) AS n_spectra FROM members WHERE unit_id IS NOT NULL GROUP BY unit_id
),
places AS (
    SELECT u.unit_id, u.n_spectra, unnest(range(bins)) AS place FROM units AS u
)
SELECT p.unit_id, p.n_spectra, list(coalesce(c.n, 0) ORDER BY p.place)::FLOAT[] AS embedding
FROM places AS p
LEFT JOIN counts AS c ON c.unit_id = p.unit_id AND c.bin = p.place
GROUP BY p.unit_id, p.n_spectra
ORDER BY p.unit_id;
COMMENT ON MACRO TABLE precursor_profile IS
    'Spectra of each run or sample per unit of precursor m/z, 0 to 1000: unit_id, n_spectra, embedding';
