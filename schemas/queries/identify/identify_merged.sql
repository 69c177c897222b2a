-- The hits of one search by embeddings in which an analyte counts by its best spectra merged: the rows of the macro
-- identify_merged, with the name of the search.
-- Inputs: what the macro identify_merged reads. Parameters: $study, $library, $model, $spectra (most of an analyte that
--   are merged), $search_id, $ppm, $k, $fragment_tolerance_da, $left_out, $contributors, $query_range, the first and
--   the last id, and $query_ids (NULL: none left out, all contributors, all queries).
-- Columns: those of hits up to score_gap.
SELECT $search_id AS search_id, hits.*
FROM identify_merged(
    $study,
    $library,
    ppm := $ppm,
    k := $k,
    model := $model,
    fragment_tolerance_da := $fragment_tolerance_da,
    left_out := $left_out::VARCHAR,
    contributors := $contributors::VARCHAR[],
    query_range := $query_range::BIGINT[],
    query_ids := $query_ids::BIGINT[],
    spectra := $spectra
) AS hits;
