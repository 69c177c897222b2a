-- What the lab holds and what waits to be done: the tile "State" of the dashboard.
-- Inputs: lab_status. Parameters: none.
-- Columns: place (order of the rows), fact, value (text), remedy (the verb that helps; NULL: nothing to do).
WITH facts AS (
    SELECT
        1 AS place,
        'libraries' AS fact,
        n_libraries::VARCHAR AS value,
        NULL AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        2 AS place,
        'library spectra' AS fact,
        n_library_spectra::VARCHAR AS value,
        CASE WHEN n_libraries = 0 THEN 'spectradb import-library' END AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        3 AS place,
        'studies' AS fact,
        n_studies::VARCHAR AS value,
        NULL AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        4 AS place,
        'study spectra' AS fact,
        n_study_spectra::VARCHAR AS value,
        CASE WHEN n_studies = 0 THEN 'spectradb import-study' END AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        5 AS place,
        'models' AS fact,
        n_models::VARCHAR AS value,
        CASE WHEN n_models = 0 THEN 'spectradb embed' END AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        6 AS place,
        'default model' AS fact,
        coalesce(default_model, 'none') AS value,
        NULL AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        7 AS place,
        'finished searches' AS fact,
        n_searches::VARCHAR AS value,
        NULL AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        8 AS place,
        'last search, UTC' AS fact,
        coalesce(strftime(last_search, '%Y-%m-%d %H:%M'), 'none') AS value,
        NULL AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        9 AS place,
        'studies never searched' AS fact,
        n_studies_never_searched::VARCHAR AS value,
        CASE WHEN n_studies_never_searched > 0 THEN 'spectradb identify' END AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        10 AS place,
        'newest searches out of date' AS fact,
        n_stale_searches::VARCHAR AS value,
        CASE WHEN n_stale_searches > 0 THEN 'spectradb reannotate' END AS remedy
    FROM lab_status
    UNION ALL
    SELECT
        11 AS place,
        'published, UTC' AS fact,
        strftime(published, '%Y-%m-%d %H:%M') AS value,
        NULL AS remedy
    FROM lab_status
)
SELECT place, fact, value, remedy
FROM facts
ORDER BY place;
