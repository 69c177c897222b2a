-- The hits of one search by a mixture of two scores: the same candidates and the same ranking as by embeddings.
-- Inputs: vectors.<study>__<model>, vectors.<library>__<model>, spectra; peak_score(scorer, query_id, library_id),
--   registered by the program.
-- Parameters: $study, $library, $model, $scorer, $weight (of the score of peaks), $search_id, $ppm, $k,
--   $fragment_tolerance_da, $left_out, $contributors, $query_range, the first and the last id, and $query_ids (NULL:
--   none left out, all contributors, all queries). Columns: those of hits up to score_gap.
WITH fused_queries AS (
    FROM embedded_queries(
        $study,
        model := $model,
        contributors := $contributors::VARCHAR[],
        query_range := $query_range::BIGINT[],
        query_ids := $query_ids::BIGINT[]
    )
),
fused_pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        (
            (1 - $weight::DOUBLE) * array_inner_product(query_embedding, library_embedding)
            + $weight::DOUBLE * peak_score($scorer, query_id, library_id)
        )::FLOAT AS score,
        ppm_error
    FROM candidate_pairs(
        'fused_queries', 'vectors.' || $library || '__' || $model, ppm := $ppm, left_out := $left_out::VARCHAR
    )
)
SELECT $search_id AS search_id, hits.*
FROM rank_hits('fused_pairs', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits;
