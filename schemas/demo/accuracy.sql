-- How often the best analyte is the right one: the search against what was simulated.
--
-- Inputs: study/truth.csv (file, scan, inchikey), runs, spectra, identifications. Parameters: none.
-- Columns: spectrum_of; n_spectra; n_answered (with a library spectrum in the precursor window); n_right; share_right
--   (of those answered); n_confident; n_confident_right; median_score.
WITH truth AS (
    SELECT spectrum_id, left(inchikey, 14) AS true_analyte_id
    FROM read_csv('study/truth.csv', all_varchar = true) AS t
    INNER JOIN runs ON runs.file_name = t.file
    INNER JOIN spectra ON spectra.run_id = runs.run_id AND spectra.native_id = t.scan
)
SELECT
    CASE
        WHEN true_analyte_id IS NULL THEN 'noise'
        WHEN true_analyte_id IN (SELECT analyte_id FROM spectra WHERE collection = 'simulated_library')
            THEN 'analyte in the library'
        ELSE 'analyte not in the library'
    END AS spectrum_of,
    count(*) AS n_spectra,
    count(analyte_id) AS n_answered,
    count(*) FILTER (analyte_id = true_analyte_id) AS n_right,
    round(n_right / n_answered, 3) AS share_right,
    count(*) FILTER (confident) AS n_confident,
    count(*) FILTER (confident AND analyte_id = true_analyte_id) AS n_confident_right,
    round(median(score), 3) AS median_score
FROM truth
LEFT JOIN identifications ON query_id = spectrum_id AND search_id = 'demo'
GROUP BY spectrum_of
ORDER BY spectrum_of;
