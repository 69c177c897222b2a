-- Identify spectra at hand by a score of peaks, without storing anything: the k best analytes of each, each named by
-- the record that it matched.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode), annotations, spectra; peak_score(scorer, query_id, library_id),
--   registered by the program. Parameters: $library, $scorer, $ppm, $k. Columns: as selected.
WITH adhoc_library AS (
    FROM collection_spectra($library)
),
adhoc_pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        peak_score($scorer, query_id, library_id) AS score,
        ppm_error
    FROM precursor_pairs('adhoc_queries', 'adhoc_library', ppm := $ppm)
    WHERE library_analyte_id IS NOT NULL
),
ranked AS (
    SELECT query_id, rank, score, score_gap, ppm_error, n_candidate_analytes, library_id
    FROM rank_pairs('adhoc_pairs', k := $k)
)
FROM named_records('ranked');
