-- The hits of one search by embeddings in which an analyte counts by its best spectra merged: the rows of the macro identify_merged,
-- with the name of the search, for all queries or for a range of their ids.
-- Inputs: vectors.{study}__{model}, vectors.{library}__{model}, spectra. Parameters: {study}, {library}, {model}; $spectra (most of an
-- analyte that are merged), $search_id, $ppm, $k, $fragment_tolerance_da, $left_out, $contributors and $query_range, the first and the last
-- id (NULL: none left out, all contributors, all queries). Columns: those of hits up to score_gap.
WITH identify_queries AS (
    FROM query_spectra('vectors.{study}__{model}')
    WHERE ($contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor))
        AND ($query_range::BIGINT[] IS NULL OR id BETWEEN ($query_range::BIGINT[])[1] AND ($query_range::BIGINT[])[2])
),
identify_pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        array_inner_product(query_embedding, library_embedding) AS score,
        ppm_error
    FROM candidate_pairs('identify_queries', 'vectors.{library}__{model}', ppm := $ppm, left_out := $left_out::VARCHAR)
),
identify_analytes AS (
    FROM merged_pairs('identify_pairs', 'vectors.{library}__{model}', spectra := $spectra)
)
SELECT $search_id AS search_id, hits.*
FROM rank_hits('identify_analytes', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits;
