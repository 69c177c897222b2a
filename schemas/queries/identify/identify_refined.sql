-- The hits of some queries by refined library vectors, with an analyte's best spectra merged: identify_merged, but for
-- the vectors.
-- Inputs: vectors.<study>__<model>, vectors.<library>__<model>, spectra; refined_queries (id), and refined_library (id,
-- embedding FLOAT[d] of unit length) with every library spectrum within the windows of these queries. Parameters:
-- $study, $library, $model, $spectra (most of an analyte that are merged), $search_id, $ppm, $k, $fragment_tolerance_da
-- and $left_out (NULL: nothing). Columns: those of hits up to score_gap.
WITH identify_queries AS (
    FROM embedded_queries($study, model := $model) SEMI JOIN refined_queries USING (id)
),
identify_library AS (
    SELECT spectra.* EXCLUDE (embedding), refined_library.embedding
    FROM query_table('vectors.' || $library || '__' || $model) AS spectra
    INNER JOIN refined_library USING (id)
),
identify_pairs AS (
    FROM embedding_pairs('identify_queries', 'identify_library', ppm := $ppm, left_out := $left_out::VARCHAR)
),
identify_analytes AS (
    FROM merged_pairs('identify_pairs', 'refined_library', spectra := $spectra)
)
SELECT $search_id AS search_id, hits.*
FROM rank_hits('identify_analytes', k := $k, fragment_tolerance_da := $fragment_tolerance_da) AS hits;
