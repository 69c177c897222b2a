-- How the queries of a search compare with what they cannot be (see neighbour_pairs), by embeddings.
-- Inputs: vectors.<study>__<model>, vectors.<library>__<model>. Parameters: $study, $library, $model, $ppm, $left_out,
--   $contributors, $query_ids (NULL: none left out, all contributors, all queries).
-- Columns: query_id (every query), neighbour_score (NULL: no neighbour), neighbour_analytes (analytes that its
--   neighbours are of).
WITH neighbour_queries AS (
    FROM embedded_queries(
        $study, model := $model, contributors := $contributors::VARCHAR[], query_ids := $query_ids::BIGINT[]
    )
),
scored_pairs AS (
    SELECT query_id, library_analyte_id AS analyte_id, array_inner_product(query_embedding, library_embedding) AS score
    FROM neighbour_pairs(
        'neighbour_queries',
        'vectors.' || $library || '__' || $model,
        ppm := $ppm,
        left_out := $left_out::VARCHAR
    )
)
FROM best_neighbours('neighbour_queries', 'scored_pairs');
