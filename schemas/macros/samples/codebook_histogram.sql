-- One vector per run or sample: the square root of the share of its spectra that fall to each codeword. Its length is
-- 1, and its inner product with another is the Bhattacharyya coefficient of the two distributions.
--
-- Inputs: codebooks, a relation with (codebook, spectrum_id, codeword) such as spectrum_codewords, spectra, runs;
--   blank_spectra.
-- Parameters: study: name of the study; codebook: name of the codebook; level: run or sample (runs without a sample are
--   then left out); subtract_blanks, model: leave out what blank_spectra finds; centroids, assignments: names of the
--   relations.
-- Columns: unit_id, n_spectra, embedding FLOAT[] (element i belongs to codeword i - 1).
CREATE OR REPLACE MACRO codebook_histogram(
    study, codebook, level := 'run', subtract_blanks := false, model := 'default', centroids := 'codebooks',
    assignments := 'spectrum_codewords'
) AS TABLE
WITH members AS (
    SELECT
        CASE level
            WHEN 'sample' THEN r.sample_id
            WHEN 'run' THEN r.run_id
            ELSE error('level must be run or sample')
        END AS unit_id,
        a.codeword
    FROM query_table(assignments) AS a
    INNER JOIN spectra AS s ON s.spectrum_id = a.spectrum_id
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = a.spectrum_id
    WHERE a.codebook = codebook AND s.collection = study
),
counts AS (
    SELECT unit_id, members.codeword, count(*) AS n FROM members GROUP BY unit_id, members.codeword
),
units AS (
    SELECT unit_id, count(*) AS n_spectra FROM members WHERE unit_id IS NOT NULL GROUP BY unit_id
),
places AS (
    SELECT u.unit_id, u.n_spectra, c.codeword AS place
    FROM units AS u
    CROSS JOIN (SELECT k.codeword FROM query_table(centroids) AS k WHERE k.codebook = codebook) AS c
)
SELECT p.unit_id, p.n_spectra, list(sqrt(coalesce(c.n, 0) / p.n_spectra) ORDER BY p.place)::FLOAT[] AS embedding
FROM places AS p
LEFT JOIN counts AS c ON c.unit_id = p.unit_id AND c.codeword = p.place
GROUP BY p.unit_id, p.n_spectra
ORDER BY p.unit_id;
COMMENT ON MACRO TABLE codebook_histogram IS
    'Square root of the share of the spectra of each run or sample that fall to each codeword: unit_id, n_spectra, '
    'embedding';
