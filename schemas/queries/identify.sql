-- The hits of one search by embeddings, as the macro gives them, with the name of the search.
-- Inputs: what the macro identify reads. Parameters: {study}, {library}, {model}; $search_id, $ppm, $k, $fragment_tolerance_da, $left_out
-- and $contributors (NULL: none left out, all contributors). Columns: those of hits.
SELECT $search_id AS search_id, hits.*, NULL::DOUBLE AS probability, NULL::DOUBLE AS q_value
FROM identify(
    '{study}',
    '{library}',
    ppm := $ppm,
    k := $k,
    model := '{model}',
    fragment_tolerance_da := $fragment_tolerance_da,
    left_out := $left_out::VARCHAR,
    contributors := $contributors::VARCHAR[]
) AS hits;
