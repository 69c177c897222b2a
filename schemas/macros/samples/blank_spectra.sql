-- The spectra of a study that its blanks show as well: those that have a twin in a run of a blank sample, of the same
-- ion mode, within ppm of the precursor and at least as similar as min_similarity, that is not far weaker.
--
-- Inputs: vectors.<study>__<model>, spectra, runs, samples. A blank is a sample whose sample_type contains "blank", in
--   any case. Its own spectra are their own twins, so that nothing of a blank is left.
-- Parameters: study: name of the study; model: whose vectors to compare; ppm: half-width of the precursor window;
--   min_similarity: least inner product; ratio: a spectrum with at least this many times the total intensity of every
--   twin is no background (carry-over puts traces of samples into blanks); wanted: false gives no rows at once, for
--   callers with a switch.
-- Columns: spectrum_id.
CREATE OR REPLACE MACRO blank_spectra(
    study, model := 'default', ppm := 10.0, min_similarity := 0.8, ratio := 3.0, wanted := true
) AS TABLE
WITH blanks AS (
    SELECT v.id, v.precursor_mz, v.ion_mode, v.embedding, s.tic
    FROM query_table('vectors.' || study || '__' || model) AS v
    INNER JOIN spectra AS s ON s.spectrum_id = v.id
    INNER JOIN runs AS r ON r.run_id = s.run_id
    INNER JOIN samples AS d ON d.sample_id = r.sample_id
    WHERE wanted AND contains(lower(d.sample_type), 'blank')
),
blank_bins AS (
    SELECT * EXCLUDE (bin), unnest([bin - 1, bin, bin + 1]) AS bin
    FROM (SELECT *, floor(ln(precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS bin FROM blanks)
),
study_bins AS (
    SELECT
        v.id, v.precursor_mz, v.ion_mode, v.embedding, s.tic,
        floor(ln(v.precursor_mz) / -ln(1 - ppm * 1.000001e-6))::BIGINT AS bin
    FROM query_table('vectors.' || study || '__' || model) AS v
    INNER JOIN spectra AS s ON s.spectrum_id = v.id
    WHERE wanted
)
SELECT DISTINCT q.id AS spectrum_id
FROM study_bins AS q
INNER JOIN blank_bins AS b ON b.ion_mode = q.ion_mode AND b.bin = q.bin
WHERE
    abs(b.precursor_mz - q.precursor_mz) <= q.precursor_mz * ppm * 1e-6
    AND (b.id = q.id OR (array_inner_product(q.embedding, b.embedding) >= min_similarity AND q.tic < ratio * b.tic));
COMMENT ON MACRO TABLE blank_spectra IS 'The spectra of a study that its blank samples show as well: spectrum_id';
