-- What is known of each feature of a study: its areas, its spectra, and what a search said of them.
--
-- Inputs: feature_areas, spectra, identifications, latest_searches.
-- Parameters: study_name: name of the study; search: a search_id; NULL: the newest search of the study.
-- Columns: feature_id, precursor_mz (m/z), retention_time_s, n_runs (with an area above 0), total_area, largest_area,
--   largest_run (where it is), n_spectra (of the study, of that feature), analyte_id, name, score, probability,
--   confident (of the best answer to one of them; NULL: none).
CREATE OR REPLACE MACRO feature_summary(study_name, search := NULL) AS TABLE
WITH areas AS (
    SELECT
        f.feature_id,
        any_value(f.precursor_mz) AS precursor_mz,
        any_value(f.retention_time_s) AS retention_time_s,
        count(*) FILTER (f.area > 0) AS n_runs,
        sum(f.area) AS total_area,
        max(f.area) AS largest_area,
        arg_max(f.run, f.area) AS largest_run
    FROM feature_areas AS f
    WHERE f.study = study_name
    GROUP BY f.feature_id
),
answers AS (
    SELECT s.feature_id, s.spectrum_id, i.analyte_id, i.name, i.score, i.probability, i.confident
    FROM spectra AS s
    LEFT JOIN identifications AS i
        ON
            i.query_id = s.spectrum_id
            AND (
                i.search_id = search
                OR (search IS NULL AND i.search_id IN (SELECT l.search_id FROM latest_searches AS l))
            )
    WHERE s.collection = study_name AND s.feature_id IS NOT NULL
),
best AS (
    SELECT
        a.feature_id,
        count(DISTINCT a.spectrum_id) AS n_spectra,
        arg_max({'analyte_id': a.analyte_id, 'name': a.name, 'score': a.score, 'probability': a.probability,
                 'confident': a.confident}, a.score) AS answer
    FROM answers AS a
    GROUP BY a.feature_id
)
SELECT
    areas.*,
    coalesce(best.n_spectra, 0) AS n_spectra,
    best.answer.analyte_id AS analyte_id,
    best.answer.name AS "name",
    best.answer.score AS score,
    best.answer.probability AS probability,
    best.answer.confident AS confident
FROM areas
LEFT JOIN best ON best.feature_id = areas.feature_id;
COMMENT ON MACRO TABLE feature_summary IS
    'Features of a study with their areas, spectra and best answers: feature_id, precursor_mz, retention_time_s, '
    'n_runs, total_area, largest_area, largest_run, n_spectra, analyte_id, name, score, probability, confident';
