-- What the spectra of a collection are whose vectors a search compares, without the vectors; as queries, at their
-- stated precursors.
-- Inputs: vectors.<collection>__<model>. Parameters: $collection, $model, $as_queries, $contributors (NULL: all) and
-- $query_range, the first and the last id (NULL: all). Columns: spectrum_id, analyte_id, precursor_mz, ion_mode,
-- contributor, peaks_hash; sorted by spectrum_id.
SELECT
    id AS spectrum_id,
    analyte_id,
    CASE
        WHEN $as_queries::BOOLEAN THEN coalesce(precursor_mz_stated, precursor_mz)
        ELSE precursor_mz
    END AS precursor_mz,
    ion_mode::VARCHAR AS ion_mode,
    contributor,
    peaks_hash
FROM query_table('vectors.' || $collection || '__' || $model)
WHERE precursor_mz > 0 AND isfinite(precursor_mz) AND ion_mode IN ('positive', 'negative')
    AND ($contributors::VARCHAR[] IS NULL OR list_contains($contributors::VARCHAR[], contributor))
    AND ($query_range::BIGINT[] IS NULL OR id BETWEEN ($query_range::BIGINT[])[1] AND ($query_range::BIGINT[])[2])
ORDER BY id;
