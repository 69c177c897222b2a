-- The spectra of a library most similar by a score of peaks to spectra at hand, whatever their precursor.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode), annotations, spectra; peak_score(scorer, query_id, library_id),
--   registered by the program. Parameters: $library, $scorer, $k. Columns: as selected, those of
--   queries/adhoc/open_search; expected_tanimoto is NULL; ties go to the smaller library_spectrum_id.
WITH ranked AS (
    SELECT
        query_id,
        row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
        score,
        NULL::DOUBLE AS expected_tanimoto,
        mz_difference,
        library_id
    FROM (
        SELECT
            q.id AS query_id,
            l.id AS library_id,
            peak_score($scorer, q.id, l.id) AS score,
            l.precursor_mz - q.precursor_mz AS mz_difference
        FROM adhoc_queries AS q
        INNER JOIN collection_spectra($library) AS l ON l.ion_mode = q.ion_mode
    )
    QUALIFY rank <= $k
)
FROM named_records('ranked');
