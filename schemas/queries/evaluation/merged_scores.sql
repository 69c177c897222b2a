-- The scores of pairs in which that of an analyte's best spectrum is the one of its best spectra merged (merged_pairs).
-- Inputs: scored_pairs (place, query_id, library_id, analyte_id, score, ppm_error) and library_vectors (id, embedding),
--   both registered by the program.
-- Parameters: $spectra: most spectra of an analyte that are merged. Columns: score, in the order of place.
SELECT greatest(pair.score, merged.score) AS score
FROM scored_pairs AS pair
LEFT JOIN merged_pairs('scored_pairs', 'library_vectors', spectra := $spectra) AS merged
    ON merged.query_id = pair.query_id AND merged.library_id = pair.library_id
ORDER BY pair.place;
