-- The spectra of a library most similar to spectra at hand, whatever their precursor.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.<library>__<model>, annotations, spectra.
-- Parameters: $library, $model, $k. Columns: as selected.
WITH ranked AS (
    SELECT query_id, rank, score, mz_difference, library_id
    FROM nearest('adhoc_queries', 'vectors.' || $library || '__' || $model, k := $k)
)
FROM named_records('ranked');
