-- The spectra of a library most similar to spectra at hand, whatever their precursor, from those that a vector index
-- found.
-- Inputs: nearest_pairs (query_id, library_id, score), registered by the program; adhoc_queries (id, precursor_mz,
--   ion_mode), annotations, spectra, expected_tanimoto.
-- Parameters: $model, $k. Columns: those of queries/adhoc/open_search; ties go to the smaller library_spectrum_id.
WITH found AS (
    SELECT
        query_id,
        q.ion_mode,
        row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
        score,
        l.precursor_mz - q.precursor_mz AS mz_difference,
        library_id
    FROM nearest_pairs
    INNER JOIN adhoc_queries AS q ON q.id = query_id
    INNER JOIN spectra AS l ON l.spectrum_id = library_id
    QUALIFY rank <= $k
),
ranked AS (
    SELECT
        query_id,
        rank,
        score,
        expected_tanimoto($model, ion_mode, rank, score) AS expected_tanimoto,
        mz_difference,
        library_id
    FROM found
)
FROM named_records('ranked');
