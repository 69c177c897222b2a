-- One vector per run or sample: how often it has each of the fragments and neutral losses that the study shares, as
-- MEMO counts them (Gaudry et al., Frontiers in Bioinformatics 2, 842964, 2022; macro memo_words).
--
-- Inputs: as of memo_words.
-- Parameters: study, level, min_relative_intensity, min_peaks, losses_from, losses_to, decimals, subtract_blanks,
--   model: as of memo_words; min_units: words that fewer runs or samples have are left out, as they compare nothing;
--   max_words: so many words at most, the most widespread, so that vectors stay of a size to store. Both look at
--   spectra alone, never at what is to be predicted.
-- Columns: unit_id, n_spectra (also those with too few peaks), embedding FLOAT[] (counts; element i is the i-th word by
--   the number of runs or samples that have it, those of most first, equal ones by the word).
CREATE OR REPLACE MACRO memo(
    study,
    level := 'run',
    min_units := 2,
    max_words := 65536,
    min_relative_intensity := 0.01,
    min_peaks := 10,
    losses_from := 10.0,
    losses_to := 200.0, decimals := 2, subtract_blanks := false, model := 'default'
) AS TABLE
WITH bags AS MATERIALIZED (
    SELECT w.unit_id, w.word, w.n
    FROM memo_words(
        study,
        level := level,
        min_relative_intensity := min_relative_intensity,
        min_peaks := min_peaks,
        losses_from := losses_from,
        losses_to := losses_to, decimals := decimals, subtract_blanks := subtract_blanks, model := model
    ) AS w
),
vocabulary AS (
    SELECT word, row_number() OVER (ORDER BY count(*) DESC, word) AS place
    FROM bags
    GROUP BY word
    HAVING count(*) >= min_units
    QUALIFY place <= max_words
),
units AS (
    SELECT
        CASE level WHEN 'sample' THEN r.sample_id ELSE r.run_id END AS unit_id,
        count(*) AS n_spectra
    FROM spectra AS s
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = s.spectrum_id
    WHERE s.collection = study
    GROUP BY ALL
),
counts AS (
    SELECT b.unit_id, v.place, b.n FROM bags AS b INNER JOIN vocabulary AS v ON v.word = b.word
),
places AS (
    SELECT u.unit_id, u.n_spectra, v.place FROM units AS u CROSS JOIN vocabulary AS v WHERE u.unit_id IS NOT NULL
)
SELECT p.unit_id, p.n_spectra, list(coalesce(c.n, 0) ORDER BY p.place)::FLOAT[] AS embedding
FROM places AS p
LEFT JOIN counts AS c ON c.unit_id = p.unit_id AND c.place = p.place
GROUP BY p.unit_id, p.n_spectra
ORDER BY p.unit_id;
COMMENT ON MACRO TABLE memo IS
    'Counts of the fragments and neutral losses that runs or samples share, as MEMO counts them: unit_id, n_spectra, '
    'embedding';
