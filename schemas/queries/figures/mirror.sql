-- The peaks of two spectra, relative to the highest of each, and which of them the other has, too.
-- Inputs: spectra. Parameters: $query, $library: spectrum_id of each; $tolerance in Da.
-- Columns: side (query or library), mz, intensity (0 to 1); matched; other_mz (the nearest peak of the other within the
--   tolerance; NULL where there is none); shifted (no match, but one once the peak is moved by the difference of the
--   precursors, as modified cosines match them).
WITH both_spectra AS (
    SELECT 'query' AS side, mz, intensity, coalesce(precursor_mz_stated, precursor_mz) AS precursor
    FROM spectra
    WHERE spectrum_id = $query
    UNION ALL
    SELECT 'library', mz, intensity, precursor_mz FROM spectra WHERE spectrum_id = $library
),
peaks AS (
    SELECT
        side, precursor, unnest(mz) AS mz, unnest(intensity)::DOUBLE / list_max(intensity) AS intensity
    FROM both_spectra
)
SELECT
    p.side,
    p.mz,
    p.intensity,
    coalesce(bool_or(abs(other.mz - p.mz) <= $tolerance), false) AS matched,
    arg_min(other.mz, abs(other.mz - p.mz)) FILTER (abs(other.mz - p.mz) <= $tolerance) AS other_mz,
    NOT matched
    AND coalesce(
        bool_or(abs((other.mz - other.precursor) - (p.mz - p.precursor)) <= $tolerance), false
    ) AS shifted
FROM peaks AS p
LEFT JOIN peaks AS other ON other.side <> p.side
GROUP BY p.side, p.mz, p.intensity
ORDER BY p.side DESC, p.mz;
