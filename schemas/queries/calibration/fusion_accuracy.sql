-- How often the right analyte comes first when two scores are mixed, by weight: a library searched against itself.
-- Inputs: vectors.<library>__<model>; peak_score(scorer, query_id, library_id), registered by the program. Parameters:
--   $library, $model, $scorer, $weights (of the score of peaks), $ppm, $left_out, $contributors (whose spectra are the
--   queries; NULL: all).
-- Columns: contributor, analyte_id (the truth), weight, accuracy (over their queries that have the right analyte and
--   another one to choose from). Each query is kept from its own contributor and copies, or copies alone, as $left_out
--   says.
WITH fusion_queries AS (
    FROM embedded_queries($library, model := $model, contributors := $contributors::VARCHAR[])
    WHERE analyte_id IS NOT NULL
),
pairs AS MATERIALIZED (
    SELECT
        query_id,
        query_contributor AS contributor,
        query_analyte_id AS truth,
        library_analyte_id AS analyte_id,
        array_inner_product(query_embedding, library_embedding) AS embedding_score,
        peak_score($scorer, query_id, library_id) AS of_peaks
    FROM candidate_pairs(
        'fusion_queries', 'vectors.' || $library || '__' || $model, ppm := $ppm, left_out := $left_out::VARCHAR
    )
),
tests AS (
    SELECT query_id
    FROM pairs
    GROUP BY query_id
    HAVING count(DISTINCT analyte_id) > 1 AND bool_or(analyte_id = truth)
),
best AS (
    SELECT
        query_id,
        contributor,
        truth,
        analyte_id,
        weight,
        max((1 - weight) * embedding_score + weight * of_peaks)::FLOAT AS score
    FROM pairs
    SEMI JOIN tests USING (query_id)
    CROSS JOIN (SELECT unnest($weights::DOUBLE[]) AS weight)
    GROUP BY ALL
),
answers AS (
    SELECT
        query_id,
        contributor,
        truth,
        weight,
        min({minus_score: -score, analyte_id: analyte_id}).analyte_id = truth AS correct
    FROM best
    GROUP BY query_id, contributor, truth, weight
)
SELECT contributor, truth AS analyte_id, weight, avg(correct::INTEGER) AS accuracy
FROM answers
GROUP BY ALL
ORDER BY ALL;
