-- The vectors of a study that an open search compares, in the order of their ids.
-- Inputs: vectors.{study}__{model}. Parameters: {study}, {model}; $contributors (NULL: all) and $query_range, the first and the last id
-- (NULL: all queries). Columns: id, precursor_mz, ion_mode, embedding.
SELECT id, precursor_mz, ion_mode::VARCHAR AS ion_mode, embedding
FROM query_spectra('vectors.{study}__{model}')
WHERE precursor_mz > 0 AND ($contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor))
    AND ($query_range::BIGINT[] IS NULL OR id BETWEEN ($query_range::BIGINT[])[1] AND ($query_range::BIGINT[])[2])
ORDER BY id;
