-- The peaks of two spectra, relative to the highest of each, and whether the other has a peak there.
-- Inputs: spectra. Parameters: $query, $library: spectrum_id of each; $tolerance in Da.
-- Columns: side (query or library), mz, intensity (0 to 1), matched.
WITH peaks AS (
    SELECT 'query' AS side, unnest(mz) AS mz, unnest(intensity) AS intensity FROM spectra WHERE spectrum_id = $query
    UNION ALL
    SELECT 'library', unnest(mz), unnest(intensity) FROM spectra WHERE spectrum_id = $library
)
SELECT
    p.side,
    p.mz,
    p.intensity::DOUBLE / max(p.intensity) OVER (PARTITION BY p.side) AS intensity,
    EXISTS ( -- noqa: LT01,LT06
        SELECT 1 FROM peaks AS other WHERE other.side <> p.side AND abs(other.mz - p.mz) <= $tolerance
    ) AS matched
FROM peaks AS p
ORDER BY p.side DESC, p.mz;
