-- What of the queries of a search the model of that search was trained on, by its card: such queries flatter it.
--
-- Inputs: searches, models, spectra. Parameters: search: a search_id.
-- Columns: query_id, analyte_id (NULL when unknown), spectrum_seen, analyte_seen, contributor_seen.
--
-- All three are false for scores of peaks and for models that learn nothing, and NULL where the card does not tell.
-- contributor_seen: the card lists the query's contributor. spectrum_seen: the query may have been trained on, as its
-- contributor is listed, its licence was taken, and its analyte was not left out; true also for a record of that
-- contributor that came later. analyte_seen: the card marks the analyte (first 8 hexadecimal digits of the SHA-256 of
-- the two-dimensional key); on a card without marks true where the spectrum is seen, false where training left the
-- analyte out by hash, NULL otherwise and for unknown analytes.
CREATE OR REPLACE MACRO seen_in_training(search) AS TABLE
WITH job AS (
    SELECT study, model, (settings -> '$.contributors')::VARCHAR[] AS contributors
    FROM searches
    WHERE search_id = known_search(search)
),
card AS (
    SELECT
        job.model IS NULL OR models.training_data IS NULL AS untrained,
        coalesce(json_type(models.training_data, '$.data.contributors') = 'OBJECT', false) AS tells,
        json_keys(models.training_data, '$.data.contributors') AS contributors,
        coalesce((models.training_data -> '$.training.split.licenses')::VARCHAR[], []) AS licences,
        coalesce((models.training_data ->> '$.training.split.unseen_share')::DOUBLE, 0) AS unseen_share,
        models.training_data ->> '$.data.analyte_marks' AS marks
    FROM job
    LEFT JOIN models ON models.name = job.model
),
marks AS (
    SELECT DISTINCT unnest(string_split(marks, ' ')) AS mark FROM card
),
queries AS (
    SELECT
        spectra.spectrum_id AS query_id,
        spectra.analyte_id,
        coalesce(spectra.contributor, '') AS contributor,
        coalesce(spectra.source_license, '') AS licence,
        coalesce(spectra.ion_mode, '') AS ion_mode,
        sha256(split_part(spectra.analyte_id, '-', 1)) AS digest
    FROM spectra
    INNER JOIN job ON job.study = spectra.collection
    WHERE job.contributors IS NULL OR list_contains(job.contributors, spectra.contributor)
),
facts AS (
    SELECT
        q.query_id,
        q.analyte_id,
        card.untrained,
        card.tells,
        card.marks IS NOT NULL AS marked,
        list_contains(card.contributors, q.contributor) AS contributor_seen,
        len(card.licences) = 0 OR list_contains(card.licences, q.licence) AS licence_taken,
        coalesce(
            ('0x' || left(q.digest, 16))::UBIGINT::DOUBLE < card.unseen_share * 18446744073709551616, false
        ) AS left_out,
        marks.mark IS NOT NULL AS has_mark
    FROM queries AS q
    CROSS JOIN card
    LEFT JOIN marks ON marks.mark = left(q.digest, 8)
),
judged AS (
    SELECT
        *,
        CASE
            WHEN untrained THEN false
            WHEN NOT tells THEN NULL
            ELSE contributor_seen
            AND licence_taken
            AND NOT left_out
            AND analyte_id IS NOT NULL
            AND (has_mark OR NOT marked)
        END AS seen
    FROM facts
)
SELECT
    query_id,
    analyte_id,
    seen AS spectrum_seen,
    CASE
        WHEN untrained THEN false
        WHEN NOT tells OR analyte_id IS NULL THEN NULL
        WHEN marked THEN has_mark
        WHEN seen THEN true
        WHEN left_out THEN false
    END AS analyte_seen,
    CASE WHEN untrained THEN false WHEN tells THEN contributor_seen END AS contributor_seen
FROM judged;
COMMENT ON MACRO TABLE seen_in_training IS
    'Which queries of a search its model was trained on, as spectra, analytes or contributors, by the model''s card';
