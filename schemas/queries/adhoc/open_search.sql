-- The spectra of a library most similar to spectra at hand, whatever their precursor.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.<library>__<model>, annotations, spectra,
--   expected_tanimoto.
-- Parameters: $library, $model, $k. Columns: as selected; expected_tanimoto is NULL where the model tells none.
WITH ranked AS (
    SELECT
        found.query_id,
        found.rank,
        found.score,
        expected_tanimoto($model, q.ion_mode, found.rank, found.score) AS expected_tanimoto,
        found.mz_difference,
        found.library_id
    FROM nearest('adhoc_queries', 'vectors.' || $library || '__' || $model, k := $k) AS found
    INNER JOIN adhoc_queries AS q ON q.id = found.query_id
)
FROM named_records('ranked');
