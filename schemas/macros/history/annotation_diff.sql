-- What became of a study's answers between two searches of it, and why: queries gained, lost, and answered otherwise.
--
-- Inputs: searches, hits, spectra, imports, annotations, known_search.
-- Parameters: search_a, search_b: names of the earlier and the later search, of one study; against one library that has
--   grown or shrunk meanwhile, or against two.
-- Columns: query_id, native_id, change ('gained', 'lost' or 'changed'), why, analyte_id_a, name_a, score_a,
--   analyte_id_b, name_b, score_b (NULL where there is no answer). Queries with the same analyte are left out.
--
-- why is the first of these that holds: 'query new' (it came after search_a), 'query changed' (another version of it
-- came), 'library spectrum new' (the library of search_a had no record of the name of the one that now answers when it
-- was searched), 'library spectrum gone' (that of search_b has none of the name of the one that answered), 'library
-- spectrum changed' (another version came of the one that now answers, or of the one that answered), 'window' (the
-- other search's precursor window left the answer out), 'method' (method, model, settings, or what queries were kept
-- from differ), else 'score'. A record counts by its native_id; what came after search_a began was not in it.
CREATE OR REPLACE MACRO annotation_diff(search_a, search_b) AS TABLE
WITH both_searches AS (
    SELECT
        a.study,
        a.library AS library_a, b.library AS library_b,
        a.started AS started_a, b.started AS started_b,
        a.ppm AS ppm_a, b.ppm AS ppm_b,
        a.method IS DISTINCT FROM b.method OR a.model IS DISTINCT FROM b.model
        OR a.settings IS DISTINCT FROM b.settings OR a.left_out IS DISTINCT FROM b.left_out AS other_method
    FROM searches AS a
    CROSS JOIN searches AS b
    WHERE a.search_id = known_search(search_a)
        AND b.search_id = known_search(search_b)
        AND CASE
            -- Other pairs of searches may be looked at before they are passed over.
            WHEN a.search_id <> search_a OR b.search_id <> search_b OR a.study = b.study THEN true
            ELSE error('annotation_diff compares two searches of one study: ' || a.study || ' is not ' || b.study)
        END
),
brought AS (
    -- Where nobody knows which import first brought a record, the one that brought its present version counts.
    SELECT s.spectrum_id, s.collection, s.native_id, i.finished AS came, coalesce(f.finished, came) AS first_came
    FROM spectra AS s
    LEFT JOIN imports AS i ON i.import_id = s.import_id
    LEFT JOIN imports AS f ON f.import_id = s.first_import_id
),
answers_a AS (
    SELECT query_id, analyte_id, library_spectrum_id, score, ppm_error
    FROM hits
    WHERE search_id = known_search(search_a) AND rank = 1
),
answers_b AS (
    SELECT query_id, analyte_id, library_spectrum_id, score, ppm_error
    FROM hits
    WHERE search_id = known_search(search_b) AND rank = 1
),
differing AS (
    SELECT
        coalesce(a.query_id, b.query_id) AS query_id,
        CASE WHEN a.query_id IS NULL THEN 'gained' WHEN b.query_id IS NULL THEN 'lost' ELSE 'changed' END AS change,
        a.analyte_id AS analyte_id_a, a.library_spectrum_id AS spectrum_a, a.score AS score_a, a.ppm_error AS error_a,
        b.analyte_id AS analyte_id_b, b.library_spectrum_id AS spectrum_b, b.score AS score_b, b.ppm_error AS error_b
    FROM answers_a AS a
    FULL JOIN answers_b AS b ON b.query_id = a.query_id
    WHERE a.analyte_id IS DISTINCT FROM b.analyte_id
)
SELECT
    d.query_id,
    q.native_id,
    change,
    CASE
        WHEN q.first_came > started_a THEN 'query new'
        WHEN q.came > started_a THEN 'query changed'
        WHEN spectrum_b IS NOT NULL
            AND NOT coalesce(was_there.first_came <= started_a, was_there.spectrum_id IS NOT NULL)
            THEN 'library spectrum new'
        WHEN spectrum_a IS NOT NULL AND still_there.spectrum_id IS NULL THEN 'library spectrum gone'
        WHEN was_there.came > started_a OR (library_a = library_b AND still_there.came > started_a)
            THEN 'library spectrum changed'
        WHEN abs(error_b) > ppm_a OR abs(error_a) > ppm_b THEN 'window'
        WHEN other_method THEN 'method'
        ELSE 'score'
    END AS why,
    analyte_id_a,
    name_a.name AS name_a,
    score_a,
    analyte_id_b,
    name_b.name AS name_b,
    score_b
FROM differing AS d
CROSS JOIN both_searches
LEFT JOIN brought AS q ON q.spectrum_id = d.query_id
LEFT JOIN brought AS now_answers ON now_answers.spectrum_id = spectrum_b
LEFT JOIN brought AS was_there ON was_there.collection = library_a AND was_there.native_id = now_answers.native_id
LEFT JOIN brought AS then_answered ON then_answered.spectrum_id = spectrum_a
LEFT JOIN brought AS still_there
    ON still_there.collection = library_b AND still_there.native_id = then_answered.native_id
LEFT JOIN annotations AS name_a ON name_a.spectrum_id = spectrum_a
LEFT JOIN annotations AS name_b ON name_b.spectrum_id = spectrum_b
ORDER BY change, d.query_id;
COMMENT ON MACRO TABLE annotation_diff IS
    'Queries that two searches of one study answer otherwise, and why: query_id, native_id, change, why, '
    'analyte_id_a, name_a, score_a, analyte_id_b, name_b, score_b';
