-- Identify spectra at hand, without storing anything: the k best analytes of each, each named by the record that it
-- matched.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.<library>__<model>, annotations, spectra.
-- Parameters: $library, $model, $ppm, $k. Columns: as selected.
WITH ranked AS (
    SELECT query_id, rank, score, score_gap, ppm_error, n_candidate_analytes, library_id
    FROM rank_analytes('adhoc_queries', 'vectors.' || $library || '__' || $model, ppm := $ppm, k := $k)
)
FROM named_records('ranked');
