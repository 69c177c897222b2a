-- What each run of a study gave: its spectra, and what one search said of them: answered, and confident by the rule of
-- the view confident_rule.
--
-- Inputs: runs, studies, samples, searches, latest_searches, identifications, feature_areas.
-- Parameters: search: a search_id, whose study is shown; NULL: all studies, each by its newest search.
-- Columns: study, run_id, sample, sample_type, sample_group, n_spectra, search_id, n_answered (at whatever score),
--   n_confident, n_analytes (different confident answers), median_score (of the answered), started (when its
--   acquisition began), n_features (with an area above 0) and total_area (of feature_areas; NULL: none of the run is
--   there). A run has one row. What a search says is NULL before the first one; n_confident and n_analytes
--   also where the rule cannot be applied to it, such as a probability without a calibration.
CREATE OR REPLACE MACRO run_summary(search := NULL) AS TABLE
WITH meant AS (
    SELECT l.study, l.search_id FROM latest_searches AS l WHERE search IS NULL
    UNION ALL
    SELECT s.study, s.search_id FROM searches AS s WHERE s.search_id = search
),
answers AS (
    SELECT
        i.search_id,
        i.run_id,
        count(*) AS n_answered,
        count(*) FILTER (i.confident) AS n_confident,
        count(DISTINCT i.analyte_id) FILTER (i.confident) AS n_analytes,
        median(i.score) AS median_score
    FROM identifications AS i
    SEMI JOIN meant AS m ON m.search_id = i.search_id
    GROUP BY i.search_id, i.run_id
),
judged AS (
    SELECT i.search_id, bool_and(i.confident IS NOT NULL) AS can_tell
    FROM identifications AS i
    SEMI JOIN meant AS m ON m.search_id = i.search_id
    GROUP BY i.search_id
),
areas AS (
    SELECT
        x.run_id,
        count(*) FILTER (x.area > 0) AS n_features,
        sum(x.area) AS total_area
    FROM feature_areas AS x
    WHERE x.run_id IS NOT NULL
    GROUP BY x.run_id
)
SELECT
    r.collection AS study,
    r.run_id,
    samples.name AS sample,
    samples.sample_type,
    samples.sample_group,
    r.n_spectra,
    m.search_id,
    CASE WHEN m.search_id IS NOT NULL THEN coalesce(a.n_answered, 0) END AS n_answered,
    CASE WHEN coalesce(j.can_tell, m.search_id IS NOT NULL) THEN coalesce(a.n_confident, 0) END AS n_confident,
    CASE WHEN coalesce(j.can_tell, m.search_id IS NOT NULL) THEN coalesce(a.n_analytes, 0) END AS n_analytes,
    a.median_score,
    r.started,
    f.n_features,
    f.total_area
FROM runs AS r
SEMI JOIN studies AS t ON t.name = r.collection
LEFT JOIN samples ON samples.sample_id = r.sample_id
LEFT JOIN meant AS m ON m.study = r.collection
LEFT JOIN answers AS a ON a.search_id = m.search_id AND a.run_id = r.run_id
LEFT JOIN judged AS j ON j.search_id = m.search_id
LEFT JOIN areas AS f ON f.run_id = r.run_id
WHERE search IS NULL OR m.search_id IS NOT NULL;
COMMENT ON MACRO TABLE run_summary IS
    'Spectra of each run of a study, and how many of them a search answered, and how many confidently';
