-- The queries of a study whose answers may differ from those of an earlier search: those that are new or changed
-- themselves, and those with a library spectrum in their window that is new, changed or gone.
-- Inputs: study_now (as spectra_now of changed_spectra), changed_queries, changed_library (as changed_spectra gives
--   them). Parameters: $ppm; $beside: look in the windows beside the precursor too (see neighbour_pairs), of what a
--   query cannot be. Columns: spectrum_id.
WITH compared_queries AS (
    SELECT
        spectrum_id AS id,
        coalesce(precursor_mz_stated, precursor_mz)
        + unnest([0.0] || CASE WHEN $beside THEN neighbour_shifts() ELSE [] END) AS precursor_mz,
        ion_mode
    FROM study_now
    WHERE is_compared
),
moved_spectra AS (
    SELECT spectrum_id AS id, precursor_mz_before AS precursor_mz, ion_mode_before AS ion_mode
    FROM changed_library
    WHERE precursor_mz_before IS NOT NULL
    UNION ALL
    SELECT spectrum_id, precursor_mz_now, ion_mode_now
    FROM changed_library
    WHERE precursor_mz_now IS NOT NULL
)
SELECT query_id AS spectrum_id
FROM precursor_pairs('compared_queries', 'moved_spectra', ppm := $ppm)
UNION
SELECT spectrum_id
FROM changed_queries
WHERE change <> 'gone';
