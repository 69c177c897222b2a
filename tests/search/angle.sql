-- The hits of one search by the angle of vectors: 1 for the same direction, 0.5 for a right angle, times a factor.
-- Inputs: vectors.<study>__<model>, vectors.<library>__<model>, spectra. Parameters: $study, $library, $model, $factor, and
-- those of every statement of a search. Columns: those of hits up to score_gap.
WITH queries AS (
    FROM embedded_queries(
        $study, model := $model, contributors := $contributors::VARCHAR[], query_range := $query_range::BIGINT[]
    )
),
pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        array_inner_product(query_embedding, library_embedding).least(1).greatest(-1) AS cosine,
        ($factor * (1 - acos(cosine) / pi()))::FLOAT AS score,
        ppm_error
    FROM candidate_pairs('queries', 'vectors.' || $library || '__' || $model, ppm := $ppm, left_out := $left_out::VARCHAR)
)
SELECT $search_id AS search_id, hits.*
FROM rank_hits('pairs', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits;
