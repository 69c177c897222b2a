-- The peaks that two spectra share, as they are, or as far from the precursor.
--
-- Inputs: spectra.
-- Parameters: query, library: spectrum_id of either; fragment_tolerance_da: tolerance in Da for peaks to be the same,
--   both ends included.
-- Columns: query_mz, library_mz, query_intensity, library_intensity (relative to the base peak), mz_error (query_mz
--   minus library_mz), shifted (false: the same m/z; true: the same loss from the precursor, which is what a modified
--   cosine matches, too). Each peak is listed once at most with the same m/z and once with the same loss: with the
--   nearest of the other spectrum for which it is the nearest, too; of equally near ones the lighter. Losses are
--   compared where the precursors differ by more than the tolerance. A query's precursor is the one that its source
--   states.
CREATE OR REPLACE MACRO matching_peaks(query, library, fragment_tolerance_da := 0.01) AS TABLE
WITH of_query AS (
    SELECT
        coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz,
        unnest(s.mz) AS mz,
        unnest(s.intensity)::DOUBLE / list_max(s.intensity) AS relative_intensity
    FROM spectra AS s
    WHERE s.spectrum_id = query
),
of_library AS (
    SELECT
        s.precursor_mz AS precursor_mz,
        unnest(s.mz) AS mz,
        unnest(s.intensity)::DOUBLE / list_max(s.intensity) AS relative_intensity
    FROM spectra AS s
    WHERE s.spectrum_id = library
),
near AS (
    SELECT
        q.mz AS query_mz,
        l.mz AS library_mz,
        q.relative_intensity AS query_intensity,
        l.relative_intensity AS library_intensity,
        q.precursor_mz - l.precursor_mz AS shift,
        unnest([false, true]) AS shifted,
        abs(q.mz - l.mz - if(shifted, shift, 0.0)) AS distance
    FROM of_query AS q
    CROSS JOIN of_library AS l
)
SELECT
    query_mz,
    library_mz,
    query_intensity,
    library_intensity,
    query_mz - library_mz AS mz_error,
    shifted
FROM near
WHERE distance <= fragment_tolerance_da::DOUBLE AND (NOT shifted OR abs(shift) > fragment_tolerance_da::DOUBLE)
QUALIFY
    row_number() OVER (PARTITION BY query_mz, shifted ORDER BY distance, library_mz) = 1
    AND row_number() OVER (PARTITION BY library_mz, shifted ORDER BY distance, query_mz) = 1
ORDER BY query_mz, shifted, library_mz;
COMMENT ON MACRO TABLE matching_peaks IS
    'Peaks that two spectra share, as they are or as far from the precursor: query_mz, library_mz, query_intensity, '
    'library_intensity, mz_error, shifted';
